#!/usr/bin/env bash
# Writes down what was deployed: commit, run, image digest, environment and time, as deploy-metadata.json and in the job's summary.
#
#   DEPLOY_ENVIRONMENT   where it was deployed to
#   IMAGE_DIGEST         sha256:… of the image, where there is one
#   ANNOTATE             objects to annotate with it, as words of kubectl: -f k8s/, deployment/web -n shop
set -euo pipefail

file=${METADATA_FILE:-deploy-metadata.json}
commit=${GITHUB_SHA:?} run="${GITHUB_SERVER_URL:-https://github.com}/${GITHUB_REPOSITORY:?}/actions/runs/${GITHUB_RUN_ID:?}"
time=$(date -u +%Y-%m-%dT%H:%M:%SZ)
quoted() { printf '%s' "$1" | sed 's/\\/\\\\/g; s/"/\\"/g'; }

cat >"$file" <<JSON
{
  "commit": "$commit",
  "ref": "$(quoted "${GITHUB_REF:-}")",
  "run": "$run",
  "attempt": ${GITHUB_RUN_ATTEMPT:-1},
  "actor": "$(quoted "${GITHUB_ACTOR:-}")",
  "environment": "$(quoted "${DEPLOY_ENVIRONMENT:-production}")",
  "image_digest": "$(quoted "${IMAGE_DIGEST:-}")",
  "deployed": "$time"
}
JSON

if [ -n "${ANNOTATE:-}" ]; then
  # shellcheck disable=SC2086 # these are words
  kubectl annotate --overwrite $ANNOTATE "deploy/commit=$commit" "deploy/run=$run" "deploy/environment=${DEPLOY_ENVIRONMENT:-production}" "deploy/time=$time"
fi

{
  printf '| deployed | |\n|---|---|\n| commit | `%s` |\n| environment | %s |\n| run | %s |\n| time | %s |\n' "$commit" "${DEPLOY_ENVIRONMENT:-production}" "$run" "$time"
  if [ -n "${IMAGE_DIGEST:-}" ]; then printf '| image | `%s` |\n' "$IMAGE_DIGEST"; fi
} >>"${GITHUB_STEP_SUMMARY:-/dev/null}"
