/** Rules whose fix is what a practice adds. Practices take them from here; no rule does. */
export { default as cloudStaticCredentials } from '../secrets/cloud-static-credentials';
export { default as deployNoEnvironment } from '../environments/deploy-no-environment';
export { default as runnerNoEgressControl } from '../runners/runner-no-egress-control';
export { default as scanNonBlocking } from '../reliability/scan-non-blocking';
export { default as softFailGate } from '../reliability/soft-fail-gate';
export { default as softFailShell } from '../reliability/soft-fail-shell';
export { ciFix, deployFix, isCi } from '../reliability/concurrency-missing';
export { default as deployWithoutGate } from '../reliability/deploy-without-gate';
export { default as timeoutMissing } from '../reliability/timeout-missing';
