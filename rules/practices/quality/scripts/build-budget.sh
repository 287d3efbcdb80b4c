#!/usr/bin/env bash
# Runs a build, and fails when it takes too long or makes too much.
#
#   build-budget.sh --seconds 300 --megabytes 100 --output dist -- npm run build
#
# --output may be given several times; what isn't there after the build is an error. A megabyte is a million bytes.
set -euo pipefail

seconds=300
megabytes=100
outputs=()
while [ $# -gt 0 ]; do
  case $1 in
    --seconds) seconds=$2; shift 2 ;;
    --megabytes) megabytes=$2; shift 2 ;;
    --output) outputs+=("$2"); shift 2 ;;
    --) shift; break ;;
    *) echo "build-budget: what is $1?" >&2; exit 2 ;;
  esac
done
[ $# -gt 0 ] || { echo 'build-budget: no command behind --' >&2; exit 2; }

begin=$(date +%s)
"$@"
took=$(($(date +%s) - begin))

bytes=0
for output in "${outputs[@]}"; do
  [ -e "$output" ] || { echo "build-budget: the build made no $output" >&2; exit 1; }
  bytes=$((bytes + $(find "$output" -type f -printf '%s\n' | awk '{ sum += $1 } END { printf "%d", sum }')))
done
limit=$((megabytes * 1000000))

failed=0
verdict_time=ok
verdict_size=ok
if [ "$took" -gt "$seconds" ]; then failed=1; verdict_time='too long'; fi
if [ "$bytes" -gt "$limit" ]; then failed=1; verdict_size='too large'; fi

report="| of the build | measured | budget | |
|---|---|---|---|
| time | $took s | $seconds s | $verdict_time |"
if [ ${#outputs[@]} -gt 0 ]; then
  report="$report
| size | $(awk -v b="$bytes" 'BEGIN { printf "%.1f", b / 1000000 }') MB | $megabytes MB | $verdict_size |"
fi
echo "$report"
if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
  { echo '### Build budget'; echo; echo "$report"; } >> "$GITHUB_STEP_SUMMARY"
fi
exit "$failed"
