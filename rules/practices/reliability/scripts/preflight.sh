#!/usr/bin/env bash
# Looks at what a deployment needs, before it begins.
#
#   PREFLIGHT_LEVEL   high: every finding stops it. medium: variables and credentials do, the rest warns. low: variables only.
#   REQUIRED          one a line: NAME=VALUE; an empty value, or `false`, means that it isn't set.
#   TOOLS             programs that the deployment calls, separated by blanks.
#   CHECK_ACCESS      `true`: ask each of them that knows how whether it may (needs its credentials).
#   MIN_FREE_MB       free disk space (2048).
set -euo pipefail

level=${PREFLIGHT_LEVEL:-high} minimum=${MIN_FREE_MB:-2048}
summary=${GITHUB_STEP_SUMMARY:-/dev/null}
failed=0

# stops LEVELS MESSAGE: an error at these levels, else a warning.
stops() {
  case " $1 " in
    *" $level "*) echo "::error::$2" && failed=1 ;;
    *) echo "::warning::$2" ;;
  esac
  echo "| $2 | $level |" >>"$summary"
}

case "$level" in high | medium | low) ;; *) echo "::error::PREFLIGHT_LEVEL is high, medium or low, and not $level." && exit 2 ;; esac
printf '| preflight finding | level |\n|---|---|\n' >>"$summary"

# Environment variables.
while IFS='=' read -r name value; do
  [ -n "$name" ] || continue
  if [ -z "$value" ] || [ "$value" = false ]; then stops "high medium low" "$name is not set."; fi
done <<<"${REQUIRED:-}"

# Dependencies.
for tool in ${TOOLS:-}; do
  if ! command -v "$tool" >/dev/null; then stops "high" "$tool is not on this runner."; fi
done

# Credentials.
allowed() {
  case "$1" in
    aws) aws sts get-caller-identity >/dev/null ;;
    kubectl) kubectl auth can-i patch deployments --quiet ;;
    helm) kubectl auth can-i create secrets --quiet ;;
    gcloud) gcloud auth print-access-token >/dev/null ;;
    az) az account show --output none ;;
    docker) docker info >/dev/null ;;
    *) return 0 ;;
  esac
}
if [ "${CHECK_ACCESS:-false}" = true ]; then
  for tool in ${TOOLS:-}; do
    if command -v "$tool" >/dev/null && ! allowed "$tool" 2>/dev/null; then stops "high medium" "$tool has no valid credentials."; fi
  done
fi

# Disk space.
free=$(df -Pm "${GITHUB_WORKSPACE:-.}" | awk 'NR == 2 { print $4 }')
if [ "$free" -lt "$minimum" ]; then stops "high" "$free MB are free, and $minimum MB are wanted."; fi

if [ "$failed" -eq 0 ]; then echo "Ready to deploy." | tee -a "$summary"; fi
exit "$failed"
