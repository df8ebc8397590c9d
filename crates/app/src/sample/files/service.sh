#!/bin/sh
# @SERVICE@ @BUILD@ of the sample product Harbour.
# It stands for a real service: it knows its version, reads its settings and says how it is.
set -eu
needs="@NEEDS@"
case "${1:-}" in
  version) echo "@SERVICE@ @BUILD@" ;;
  health)
    for setting in $needs; do
      if grep -q "^$setting=" "$2"; then
        echo "setting $setting: ok"
      else
        echo "setting $setting is missing in $2"
        exit 1
      fi
    done
    echo "@SERVICE@ @BUILD@ is well" ;;
  *) echo "say version or health" >&2; exit 2 ;;
esac
