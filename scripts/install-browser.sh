#!/bin/sh
# The browser tests drive Debian's Chromium. Install it where apt can; say what to do where not.
set -eu

browser=${ARENA_TEST_BROWSER:-/usr/bin/chromium}
[ -x "$browser" ] && exit 0

if ! command -v apt-get >/dev/null 2>&1; then
  echo "The browser tests need Chromium at $browser and there is no apt here:" >&2
  echo "install Chromium yourself and set ARENA_TEST_BROWSER to its path." >&2
  exit 1
fi
run=
if [ "$(id -u)" -ne 0 ]; then
  if ! sudo -n true 2>/dev/null; then
    echo "The browser tests need Chromium: run 'sudo apt-get install chromium' once." >&2
    exit 1
  fi
  run="sudo -n"
fi
echo "Installing Debian's Chromium for the browser tests"
$run apt-get update -qq
DEBIAN_FRONTEND=noninteractive $run apt-get install -y -qq --no-install-recommends \
  chromium fonts-noto-cjk fonts-liberation >/dev/null
