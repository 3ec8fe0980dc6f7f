#!/bin/sh
# Installs the system libraries the window needs on Debian and its kin where we are root; else prints the exact line to type.
set -eu
packages="libgl1 libegl1 libglx-mesa0 libgl1-mesa-dri libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-image0 libxcb-render-util0
libxcb-shape0 libxcb-xkb1 libxcb-randr0 libxcb-sync1 libxcb-xfixes0 libxkbcommon-x11-0 libxkbcommon0 libdbus-1-3 libfontconfig1
libfreetype6 libglib2.0-0 xvfb xauth python3-venv"
command -v dpkg-query >/dev/null 2>&1 || exit 0
missing=""
for package in $packages; do
  # A Python that brings its own venv module does not need Debian's package for it.
  [ "$package" = python3-venv ] && "${PYTHON:-python3}" -c 'import venv, ensurepip' 2>/dev/null && continue
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ]; then
  echo "Installing system libraries:$missing"
  apt-get update -qq
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
else
  echo "System libraries are missing. Type this line, then run make again:" >&2
  echo "  sudo apt-get update && sudo apt-get install -y --no-install-recommends$missing" >&2
  exit 1
fi
