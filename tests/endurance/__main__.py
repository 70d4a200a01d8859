"""`make endurance`: the reliability tests with ten times as many rounds, and their figures."""

import os
import subprocess
import sys

from tests.fakes.smollm import missing_smollm

TESTS = (
    "tests/reliability",
    "tests/e2e/test_campaign_run.py",
    "tests/e2e/test_kill.py",
    "tests/e2e/test_engine_killed.py",
    "tests/e2e/test_no_growth.py",
    "tests/e2e/test_fuzzed_pages.py",
    "tests/e2e/test_line_up.py",
    "tests/e2e/test_embedded_models.py",
    "tests/engine/protocol",
    "tests/engine/test_process.py",
    "tests/inference/lifecycle/test_lifecycle_engines.py",
    "tests/inference/test_backend_contract.py",
    "tests/services/campaigns/replies/test_generating_with_engines.py",
    "tests/e2e/test_smollm.py",
    "tests/engine/test_smollm.py",
    "tests/services/campaigns/test_planted_preference.py",
    "tests/services/battle/test_telling_sides_apart.py",
    "tests/statistics/test_coverage.py",
    "tests/statistics/test_alpha_coverage.py",
    "tests/statistics/test_many_pairs.py",
    "tests/statistics/test_sequential_simulation.py",
    "tests/statistics/test_watched_campaigns.py",
    "tests/statistics/test_people_needed.py",
    "tests/statistics/test_campaign_plans.py",
    "tests/statistics/test_prediction_powered.py",
    "tests/statistics/test_style_control.py",
    "tests/statistics/test_goodness_of_fit.py",
    "tests/statistics/test_tie_readings.py",
    "tests/statistics/test_leaving_out.py",
    "tests/statistics/test_annotator_weights.py",
    "tests/statistics/test_over_time.py",
    "tests/statistics/test_rate_changes.py",
    "tests/statistics/test_reweighted_rates.py",
)


def main() -> int:
    """Run them, print what they measured, and return pytest's exit code."""
    command = [sys.executable, "-m", "pytest", "-v", "-rP", "--timeout=3600", "--durations=0"]
    code = subprocess.call([*command, *TESTS], env=os.environ | {"ENDURANCE": "10"})
    if reason := missing_smollm():
        print(f"\nNO TEST RAN ON A REAL MODEL. {reason}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
