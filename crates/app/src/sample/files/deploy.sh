#!/bin/sh
# Brings one build of a Harbour service into its environment folder.
set -eu
say() { printf '%s\n' "$*"; }
say "deploy $SIGNALBOX_SERVICE $SIGNALBOX_BUILD (commit $SIGNALBOX_COMMIT) to $SIGNALBOX_STAGE"
mkdir -p "$SIGNALBOX_ENVIRONMENT/releases/$SIGNALBOX_BUILD"
cp "$SIGNALBOX_ARTIFACT" "$SIGNALBOX_ENVIRONMENT/releases/$SIGNALBOX_BUILD/service.sh"
say "copied $(wc -c < "$SIGNALBOX_ARTIFACT" | tr -d ' ') bytes, sha256 $SIGNALBOX_DIGEST"
for node in 1 2 3; do
  say "node $node of 3: drain, switch, undrain"
  sleep 0.1
done
# One rename makes the new build current, so nobody ever sees half of it.
printf '%s\n' "$SIGNALBOX_BUILD" > "$SIGNALBOX_ENVIRONMENT/current.new"
mv "$SIGNALBOX_ENVIRONMENT/current.new" "$SIGNALBOX_ENVIRONMENT/current"
say "$SIGNALBOX_BUILD is current in $SIGNALBOX_STAGE"
