#!/bin/sh
# Asks the deployed service how it is, with the settings of its environment.
set -eu
build=$(cat "$SIGNALBOX_ENVIRONMENT/current")
settings="settings/$SIGNALBOX_STAGE.conf"
if [ "$build" != "$SIGNALBOX_BUILD" ]; then
  printf 'expected %s, but %s is current\n' "$SIGNALBOX_BUILD" "$build"
  exit 1
fi
exec sh "$SIGNALBOX_ENVIRONMENT/releases/$build/service.sh" health "$settings"
