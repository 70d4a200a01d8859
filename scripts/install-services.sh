#!/bin/sh
# nginx and Prometheus for the tests that put them in front of and beside an arena. Without them those
# tests are skipped, and say so; nothing is started here, and nothing listens afterwards.
set -eu

missing=
PATH=$PATH:/usr/sbin
command -v nginx >/dev/null 2>&1 || missing="$missing nginx-light"
command -v prometheus >/dev/null 2>&1 || missing="$missing prometheus"
[ -n "$missing" ] || exit 0

skipped() {
  echo "WARNING:$missing cannot be installed: $1. Tests that need them are skipped." >&2
  exit 0
}
command -v apt-get >/dev/null 2>&1 || skipped "there is no apt"
[ "$(id -u)" -eq 0 ] || skipped "only root may (apt-get install$missing)"
echo "Installing Debian's$missing for the tests"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq || skipped "apt-get update failed"
# RUNLEVEL keeps the packages from starting their services where no policy does.
# shellcheck disable=SC2086
RUNLEVEL=1 apt-get install -y -qq --no-install-recommends $missing >/dev/null ||
  skipped "apt-get install failed"
