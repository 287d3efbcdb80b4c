#!/usr/bin/env bash
# Asks whether what runs is still what is written down, and tells of the difference in one issue per folder.
#
#   drift.sh terraform|tofu|pulumi FOLDER
#
# Exit 0: no drift. 2: drift (an issue was opened or added to). 1: it couldn't be told.
# Needs GH_TOKEN to write issues; without one the job's summary has to do.
set -uo pipefail

tool=${1:?terraform, tofu or pulumi} folder=${2:?a folder}
title="Drift in $folder"
plan=$(mktemp)
trap 'rm -f "$plan"' EXIT
run="${GITHUB_SERVER_URL:-https://github.com}/${GITHUB_REPOSITORY:-}/actions/runs/${GITHUB_RUN_ID:-}"

cd "$folder" || exit 1
case "$tool" in
  terraform | tofu)
    "$tool" init -input=false -no-color >"$plan" 2>&1 || { cat "$plan"; exit 1; }
    # 0: nothing to do, 1: an error, 2: a difference.
    "$tool" plan -detailed-exitcode -input=false -lock=false -no-color >"$plan" 2>&1
    code=$?
    ;;
  pulumi)
    pulumi preview --refresh --expect-no-changes --non-interactive --color never >"$plan" 2>&1
    code=$?
    # Pulumi has one code for everything that isn't well: only what says so is a difference.
    if [ "$code" -ne 0 ] && grep -q 'changes were proposed\|no changes were expected' "$plan"; then code=2; fi
    ;;
  *) echo "::error::$tool is not known here." && exit 1 ;;
esac
cat "$plan"

summary=${GITHUB_STEP_SUMMARY:-/dev/null}
case "$code" in
  0) echo "- $folder: no drift" >>"$summary" && exit 0 ;;
  2) echo "::error::$folder has drifted from what is written down." ;;
  *) echo "- $folder: the plan failed" >>"$summary" && echo "::error::$folder can't be planned." && exit 1 ;;
esac

# Values may be sensitive: the issue names what changes, and the log of the run has the rest.
changes=$(grep -E '^ *# .* (will be|must be)|^Plan:|^ +[+~-] ' "$plan" | grep -vE '=|"' | head -n 40)
# shellcheck disable=SC2016 # a code fence, no substitution
body=$(printf '`%s` differs from what runs.\n\n```\n%s\n```\n\nSeen in %s. Apply what is written down, or write down what was changed by hand.' "$folder" "$changes" "$run")
printf '%s\n' "$body" >>"$summary"
if [ -n "${GH_TOKEN:-}" ]; then
  number=$(gh issue list --state open --search "in:title \"$title\"" --json number --jq '.[0].number // empty')
  if [ -n "$number" ]; then
    gh issue comment "$number" --body "$body"
  else
    gh issue create --title "$title" --body "$body"
  fi
fi
exit 2
