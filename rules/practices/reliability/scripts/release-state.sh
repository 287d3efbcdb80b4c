#!/usr/bin/env bash
# Remembers what runs before a deployment, and puts it back.
#
#   release-state.sh record kubectl ARGS…           ARGS name objects: -f k8s/, deployment/web, -n shop
#   release-state.sh record helm RELEASE [ARGS…]    ARGS: --namespace shop
#   release-state.sh record ecs CLUSTER SERVICE
#   release-state.sh record cloudrun SERVICE REGION
#   release-state.sh restore …                      the same words; STATE holds what `record` has said
#
# `record` writes `previous-release=…` to GITHUB_OUTPUT. `restore` touches only what has changed since, and waits until it runs;
# what wasn't there before stays as it is.
set -euo pipefail

action=${1:?record or restore} tool=${2:?kubectl, helm, ecs or cloudrun}
shift 2
timeout=${ROLLBACK_TIMEOUT:-300}

# Objects with a history, by kind and name. Those that don't exist yet have no state to go back to.
objects() {
  kubectl get "$@" --ignore-not-found --output name | grep -E '^(deployment|statefulset)\.apps/' || true
}

revision() {
  local object=$1
  shift
  case "$object" in
    deployment.apps/*) kubectl get "$object" "$@" --output 'jsonpath={.metadata.annotations.deployment\.kubernetes\.io/revision}' ;;
    *) kubectl get "$object" "$@" --output 'jsonpath={.status.updateRevision}' ;;
  esac
}

# Only `-n x` goes along with an object's own name.
namespace=()
for ((i = 1; i <= $#; i++)); do
  case "${!i}" in
    -n | --namespace | --context)
      next=$((i + 1))
      namespace+=("${!i}" "${!next}")
      ;;
    --namespace=* | --context=*) namespace+=("${!i}") ;;
  esac
done

record() {
  case "$tool" in
    kubectl)
      local state=""
      for object in $(objects "$@"); do
        state+="$object=$(revision "$object" ${namespace[@]+"${namespace[@]}"}) "
      done
      echo "${state% }"
      ;;
    helm) helm history "$@" --max 1 --output json 2>/dev/null | sed -n 's/.*"revision":\([0-9]*\).*/\1/p' || true ;;
    ecs) aws ecs describe-services --cluster "$1" --services "$2" --query 'services[0].taskDefinition' --output text ;;
    cloudrun) gcloud run services describe "$1" --region "$2" --format 'value(status.traffic[0].revisionName)' 2>/dev/null || true ;;
    *) echo "::error::$tool is not known here." >&2 && exit 2 ;;
  esac
}

restore() {
  local state=${STATE:-} now
  if [ -z "$state" ] || [ "$state" = None ]; then
    echo "::warning::Nothing ran before this deployment, so there is nothing to put back."
    return
  fi
  case "$tool" in
    kubectl)
      for pair in $state; do
        local object=${pair%%=*} was=${pair#*=}
        now=$(revision "$object" ${namespace[@]+"${namespace[@]}"})
        if [ "$now" = "$was" ]; then
          echo "$object was not changed"
          continue
        fi
        case "$object" in
          deployment.apps/*) kubectl rollout undo "$object" ${namespace[@]+"${namespace[@]}"} --to-revision="$was" ;;
          *) kubectl rollout undo "$object" ${namespace[@]+"${namespace[@]}"} ;;
        esac
        kubectl rollout status "$object" ${namespace[@]+"${namespace[@]}"} --timeout="${timeout}s"
        echo "$object is back at $was"
      done
      ;;
    helm)
      now=$(record "$@")
      if [ "$now" = "$state" ]; then echo "$1 was not changed" && return; fi
      helm rollback "$1" "$state" "${@:2}" --wait --timeout "${timeout}s"
      echo "$1 is back at revision $state"
      ;;
    ecs)
      now=$(record "$@")
      if [ "$now" = "$state" ]; then echo "$2 was not changed" && return; fi
      aws ecs update-service --cluster "$1" --service "$2" --task-definition "$state" >/dev/null
      aws ecs wait services-stable --cluster "$1" --services "$2"
      echo "$2 is back at $state"
      ;;
    cloudrun)
      now=$(record "$@")
      if [ "$now" = "$state" ]; then echo "$1 was not changed" && return; fi
      gcloud run services update-traffic "$1" --region "$2" --to-revisions "$state=100"
      echo "$1 is back at $state"
      ;;
    *) echo "::error::$tool is not known here." >&2 && exit 2 ;;
  esac
}

case "$action" in
  record)
    state=$(record "$@")
    echo "Runs now: ${state:-nothing}"
    echo "previous-release=$state" >>"${GITHUB_OUTPUT:-/dev/null}"
    ;;
  restore)
    restore "$@"
    echo "Rolled back: \`$tool $*\` to \`${STATE:-nothing}\`" >>"${GITHUB_STEP_SUMMARY:-/dev/null}"
    ;;
  *) echo "::error::$action is neither record nor restore." && exit 2 ;;
esac
