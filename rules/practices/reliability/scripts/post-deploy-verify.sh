#!/usr/bin/env bash
# Asks what was deployed whether it works, and fails where it doesn't.
#
#   BASE_URL  where it answers: https://example.org
#   CHECKS    one a line: PATH [STATUS [TEXT]]. Any success is right where no status (or 2xx) is named; TEXT has to be in the answer.
#   ATTEMPTS  how often each is asked (5), DELAY seconds apart (10): a program takes time to start.
set -euo pipefail

attempts=${ATTEMPTS:-5} delay=${DELAY:-10} checks=${CHECKS:-/}
summary=${GITHUB_STEP_SUMMARY:-/dev/null}

if [ -z "${BASE_URL:-}" ]; then
  echo "::error::BASE_URL is empty: say where the deployment answers."
  exit 2
fi

body=$(mktemp)
trap 'rm -f "$body"' EXIT
printf '| endpoint | answer |\n|---|---|\n' >>"$summary"

failed=0
while read -r path status text; do
  [ -n "$path" ] || continue
  url="${BASE_URL%/}/${path#/}" answer=""
  for attempt in $(seq "$attempts"); do
    if [ "$attempt" -gt 1 ]; then sleep "$delay"; fi
    code=$(curl --silent --show-error --location --max-time 10 --output "$body" --write-out '%{http_code}' "$url" || true)
    answer=$code
    case "${status:-2xx}" in
      2xx) [ "${code:0:1}" = 2 ] || continue ;;
      *) [ "$code" = "$status" ] || continue ;;
    esac
    if [ -n "$text" ] && ! grep --quiet --fixed-strings -- "$text" "$body"; then
      answer="$code without the text that is expected"
      continue
    fi
    answer=ok
    break
  done
  echo "| $path | $answer |" >>"$summary"
  if [ "$answer" = ok ]; then
    echo "$url works"
  else
    echo "::error::$url doesn't work after $attempts attempts: $answer"
    failed=1
  fi
done <<<"$checks"
exit "$failed"
