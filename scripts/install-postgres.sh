#!/bin/sh
# Half of the tests of storage and services also run on PostgreSQL, each run with a server of its
# own: unprivileged, on a socket in a folder that goes with it. Install Debian's where apt can; say
# loudly what is not tested where not.
set -eu

[ -n "${ARENA_TEST_POSTGRES:-}" ] && exit 0
for programs in /usr/lib/postgresql/*/bin/initdb; do
  [ -x "$programs" ] && exit 0
done

untested() {
  echo "NOT TESTED ON POSTGRESQL: $1" >&2
  echo "Set ARENA_TEST_POSTGRES to the folder of its programs (initdb, postgres)." >&2
  exit 0
}
command -v apt-get >/dev/null 2>&1 || untested "it is not installed, and there is no apt here"
run=
if [ "$(id -u)" -ne 0 ]; then
  sudo -n true 2>/dev/null || untested "run 'sudo apt-get install postgresql' once"
  run="sudo -n"
fi
echo "Installing Debian's PostgreSQL for the tests"
# No cluster of Debian's own, which would start a server that nobody uses.
$run mkdir -p /etc/postgresql-common
[ -e /etc/postgresql-common/createcluster.conf ] ||
  echo "create_main_cluster = false" | $run tee /etc/postgresql-common/createcluster.conf >/dev/null
$run apt-get update -qq || untested "apt cannot be updated"
DEBIAN_FRONTEND=noninteractive $run apt-get install -y -qq --no-install-recommends \
  postgresql >/dev/null || untested "apt cannot install it"
