# Carries out one operation, once. Written by Signalbox; run.json beside it says what it is.
# It works on when the program that started it ends, and everything it finds out is in this folder.

log=$run/log
cap=4194304
step=
cancelled=

# The stage's lock arrives as standard input. It is held by this process alone, until its end.
exec 9<&0 </dev/null

if command -v setsid >/dev/null 2>&1; then
  lead() { exec setsid "$@"; }
else
  set -m
  lead() { exec "$@"; }
fi

now() { date -u +%Y-%m-%dT%H:%M:%SZ; }

put() { printf '%s\n' "$2" >"$1.new" && mv -f "$1.new" "$1"; }

note() { printf '%s\n' "== $1" >>"$log"; }

alive() { { kill -s 0 -- "-$1" || kill -s 0 "$1"; } 2>/dev/null; }

# Ends a group of processes: asks, waits, makes sure.
stop() {
  { kill -s TERM -- "-$1" || kill -s TERM "$1"; } 2>/dev/null
  tries=0
  while alive "$1" && [ "$tries" -lt 50 ]; do
    sleep 0.1
    tries=$((tries + 1))
  done
  { kill -s KILL -- "-$1" || kill -s KILL "$1"; } 2>/dev/null
}

# Keeps a step's output up to the cap as it comes, and swallows the rest, so that nobody blocks.
keep() {
  size=$(($(wc -c <"$log")))
  last=$((size + cap))
  while [ "$size" -lt "$last" ]; do
    dd bs=4096 count=16 2>/dev/null >>"$log"
    new=$(($(wc -c <"$log")))
    [ "$new" -gt "$size" ] || break
    size=$new
  done
  if [ "$size" -ge "$last" ]; then
    printf '\n' >>"$log"
    note "more output than $cap bytes: the rest was dropped"
    cat >/dev/null
  fi
  : >"$1.kept"
}

# Enforces a step's time limit.
watch() {
  nap=
  trap '[ -z "$nap" ] || kill "$nap" 2>/dev/null; exit 0' TERM
  sleep "$1" &
  nap=$!
  wait "$nap"
  : >"$3.timeout"
  stop "$2"
}

settle() {
  mkdir -p "$environment" &&
    printf '%s,"state":"%s","since":"%s"}\n' "$deployed" "$1" "$(now)" >"$environment/.deployed.json.new" &&
    mv -f "$environment/.deployed.json.new" "$environment/deployed.json" ||
    note "deployed.json could not be written"
}

# perform NUMBER LIMIT NAME SHOWN COMMAND...   sets: why, code
perform() {
  at=$run/step-$1
  limit=$2
  name=$3
  why=cancelled
  code=0
  note "$3: $4"
  shift 4
  [ ! -e "$run/cancel" ] || return 0
  put "$at.started" "$(now)"

  # Both ends are opened here, so that no later open can block.
  rm -f "$run/pipe"
  if ! mkfifo "$run/pipe"; then
    why=exit
    code=126
    put "$at.ended" "$code $why $(now)"
    return 0
  fi
  exec 8<>"$run/pipe" 7<"$run/pipe" 6>"$run/pipe" 8>&-
  rm -f "$run/pipe"
  # Redirected by exec, because a shell keeps copies of what it redirects for a function: the pipe
  # would never end, and the lock would never be free.
  (
    exec <&7 6>&- 7<&- 9<&-
    keep "$at"
  ) &
  (
    exec </dev/null >&6 2>&1 6>&- 7<&- 9<&-
    lead "$@"
  ) &
  step=$!
  exec 6>&- 7<&-
  # A cancellation may have come before the number was known.
  [ -z "$cancelled" ] || stop "$step"
  (
    exec </dev/null >/dev/null 2>&1 9<&-
    watch "$limit" "$step" "$at"
  ) &
  watcher=$!

  while :; do
    wait "$step"
    code=$?
    kill -s 0 "$step" 2>/dev/null || break
  done
  group=$step
  step=

  why=exit
  if [ -e "$at.timeout" ]; then
    while kill -s 0 "$watcher" 2>/dev/null; do wait "$watcher"; done
    why=time-limit
  else
    kill "$watcher" 2>/dev/null
  fi
  [ -z "$cancelled" ] || why=cancelled
  # What a failed step left behind must not go on working.
  [ "$why:$code" = exit:0 ] || stop "$group"

  # Output of a process that a step leaves running is kept on by the keeper, without us.
  tries=0
  until [ -e "$at.kept" ] || [ "$tries" -ge 40 ]; do
    sleep 0.05
    tries=$((tries + 1))
  done
  case $why in
    exit) note "$name: ended with exit code $code" ;;
    time-limit) note "$name: stopped by its time limit of $limit s" ;;
    *) note "$name: cancelled" ;;
  esac
  put "$at.ended" "$code $why $(now)"
}

finish() {
  rm -rf "$run/artifact"
  put "$run/ended" "$1 $(now)"
  exit 0
}

trap 'cancelled=1; [ -z "$step" ] || stop "$step"' TERM
trap : HUP INT

: >>"$log" && put "$run/runner.pid" "$$" && put "$run/started" "$(now)" || exit 70
# Whoever started this reads our output to its end, and then looks whether it has begun.
exec >/dev/null

[ ! -e "$run/cancel" ] || finish cancelled
failed=
