#!/usr/bin/env bash
# Deploys step by step, asks after each step whether the program works, and takes everything back where it doesn't.
#
#   STRATEGY      rolling | canary | blue-green
#   TARGET        kubernetes | cloudrun
#   APP           the program's name; IMAGE what is deployed, by digest
#   BASE_URL      where it answers; CHECKS, ATTEMPTS and DELAY as in post-deploy-verify.sh
#   PREVIEW_URL   where the new version answers ahead of the switch (blue-green)
#   CANARY_STEPS  shares of the traffic in percent (10 25 50 100), BAKE_SECONDS between them (60)
#   TIMEOUT       seconds a step may take until it runs (300)
#
# Kubernetes: NAMESPACE, CONTAINER (APP). Rolling changes deployment/APP. Canary needs deployment/APP-canary and ingress/APP-canary of
# ingress-nginx. Blue-green needs deployment/APP-blue and deployment/APP-green, and a service APP that selects by the label `slot`.
# Cloud Run: REGION. The traffic is moved between revisions.
set -Eeuo pipefail

: "${STRATEGY:?}" "${TARGET:?}" "${APP:?}" "${IMAGE:?}" "${BASE_URL:?}"
namespace=${NAMESPACE:-default} container=${CONTAINER:-$APP} timeout=${TIMEOUT:-300} region=${REGION:-europe-west1}
steps=${CANARY_STEPS:-10 25 50 100} bake=${BAKE_SECONDS:-60}
summary=${GITHUB_STEP_SUMMARY:-/dev/null}

say() { echo "$*" && echo "- $*" >>"$summary"; }

healthy() { bash .github/scripts/post-deploy-verify.sh; }

waits() { kubectl rollout status "deployment/$1" --namespace "$namespace" --timeout "${timeout}s"; }

# What to do, newest first, where a step fails.
undo=()
rollback() {
  local code=$?
  trap - ERR INT TERM
  set +e
  say "Step failed: rolling back"
  local failed=0
  for ((i = ${#undo[@]} - 1; i >= 0; i--)); do
    echo "> ${undo[i]}"
    eval "${undo[i]}" || failed=1
  done
  if [ "$failed" -eq 0 ]; then say "Rolled back"; else say "The rollback failed: somebody has to look"; fi
  exit $((code == 0 ? 1 : code))
}
trap rollback ERR INT TERM

# --- Kubernetes

kubernetes_rolling() {
  local before
  before=$(kubectl get "deployment/$APP" --namespace "$namespace" --output 'jsonpath={.metadata.annotations.deployment\.kubernetes\.io/revision}')
  undo+=("kubectl rollout undo deployment/$APP --namespace $namespace --to-revision=$before && waits $APP")
  kubectl set image "deployment/$APP" "$container=$IMAGE" --namespace "$namespace"
  waits "$APP"
  healthy
}

weight() { kubectl annotate "ingress/$APP-canary" --namespace "$namespace" --overwrite "nginx.ingress.kubernetes.io/canary-weight=$1"; }

kubernetes_canary() {
  undo+=("kubectl scale deployment/$APP-canary --namespace $namespace --replicas=0")
  undo+=("weight 0")
  kubectl set image "deployment/$APP-canary" "$container=$IMAGE" --namespace "$namespace"
  kubectl scale "deployment/$APP-canary" --namespace "$namespace" --replicas="${CANARY_REPLICAS:-1}"
  waits "$APP-canary"
  for percent in $steps; do
    weight "$percent"
    say "$percent % of the traffic"
    sleep "$bake"
    healthy
  done
  # The canary becomes the release; it answers until that runs.
  kubernetes_rolling
  weight 0
  kubectl scale "deployment/$APP-canary" --namespace "$namespace" --replicas=0
}

select_slot() { kubectl patch "service/$APP" --namespace "$namespace" --patch "{\"spec\":{\"selector\":{\"slot\":\"$1\"}}}"; }

kubernetes_blue_green() {
  local active idle replicas
  active=$(kubectl get "service/$APP" --namespace "$namespace" --output 'jsonpath={.spec.selector.slot}')
  case "$active" in
    blue) idle=green ;;
    green) idle=blue ;;
    *) echo "::error::The service $APP selects no slot." && return 2 ;;
  esac
  replicas=$(kubectl get "deployment/$APP-$active" --namespace "$namespace" --output 'jsonpath={.spec.replicas}')
  undo+=("kubectl scale deployment/$APP-$idle --namespace $namespace --replicas=0")
  kubectl set image "deployment/$APP-$idle" "$container=$IMAGE" --namespace "$namespace"
  kubectl scale "deployment/$APP-$idle" --namespace "$namespace" --replicas="$replicas"
  waits "$APP-$idle"
  if [ -n "${PREVIEW_URL:-}" ]; then BASE_URL=$PREVIEW_URL healthy; fi
  undo+=("select_slot $active")
  select_slot "$idle"
  say "$idle serves"
  sleep "$bake"
  healthy
  # The other one stays as it is: the way back is one switch.
}

# --- Cloud Run

revision() { gcloud run services describe "$APP" --region "$region" --format "value($1)"; }
traffic() { gcloud run services update-traffic "$APP" --region "$region" --to-revisions "$1"; }

cloudrun_place() {
  local before
  before=$(revision 'status.traffic[0].revisionName')
  undo+=("traffic $before=100")
  gcloud run deploy "$APP" --region "$region" --image "$IMAGE" --no-traffic --tag candidate
  revision 'status.latestCreatedRevisionName' >"${candidate:?}"
}

cloudrun_rolling() {
  cloudrun_place
  traffic "$(cat "$candidate")=100"
  healthy
}

cloudrun_canary() {
  cloudrun_place
  for percent in $steps; do
    traffic "$(cat "$candidate")=$percent"
    say "$percent % of the traffic"
    sleep "$bake"
    healthy
  done
}

cloudrun_blue_green() {
  cloudrun_place
  if [ -n "${PREVIEW_URL:-}" ]; then BASE_URL=$PREVIEW_URL healthy; fi
  traffic "$(cat "$candidate")=100"
  sleep "$bake"
  healthy
}

case "$TARGET-$STRATEGY" in
  kubernetes-rolling | kubernetes-canary | kubernetes-blue-green | cloudrun-rolling | cloudrun-canary | cloudrun-blue-green) ;;
  *) trap - ERR && echo "::error::$STRATEGY on $TARGET is not known here." && exit 2 ;;
esac
candidate=$(mktemp)
say "$STRATEGY deployment of $APP: $IMAGE"
"${TARGET}_${STRATEGY//-/_}"
say "$APP is deployed"
