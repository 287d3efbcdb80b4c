/**
 * Which of our controls say something about which requirement of which standard. The one table. Short names are our own words; the text
 * of a requirement stands in the standard. Rules that name a requirement themselves (`docs.standards`) come along by its id.
 * A requirement without controls is listed all the same: a map that leaves out what it doesn't know would look complete.
 */
export interface Requirement { readonly id: string; readonly name: string; /** Ids of practices and rules. */ readonly controls: readonly string[] }

export interface Standard {
  readonly name: string;
  readonly link: string;
  /** What of it is in the table, where that isn't all. */
  readonly scope?: string;
  readonly requirements: readonly Requirement[];
}

const rows = (text: string): Requirement[] => text.trim().split('\n').map(line => {
  const [id = '', name = '', controls = ''] = line.split('|').map(part => part.trim());
  return { id, name, controls: controls === '' ? [] : controls.split(/\s+/) };
});

export const STANDARDS: readonly Standard[] = [
  {
    name: 'OWASP Top 10 CI/CD Security Risks', link: 'https://owasp.org/www-project-top-10-ci-cd-security-risks/',
    requirements: rows(`
      CICD-SEC-1  | Code reaches production without enough checks and approvals | branch-protection codeowners deploy-gated environment-approval no-soft-failures
      CICD-SEC-2  | Identities: too many, too strong, badly kept                | oidc-cloud-auth
      CICD-SEC-3  | Dependencies are fetched in ways that can be abused         | update-bot dependency-review scan-dependencies sbom
      CICD-SEC-4  | Outsiders put commands into the pipeline                    | workflow-lint-missing
      CICD-SEC-5  | The pipeline may do more than it needs                      | permissions-missing runner-hardening
      CICD-SEC-6  | Credentials are kept and handed on carelessly               | scan-secrets secrets-manager oidc-cloud-auth
      CICD-SEC-7  | Systems are set up insecurely                               | scan-iac runner-image-retired
      CICD-SEC-8  | Others' services get access without oversight               | unpinned-action
      CICD-SEC-9  | Nothing proves that an artifact is what was built           | artifact-signing provenance artifact-immutability attestation-unverified
      CICD-SEC-10 | Too little is logged and looked at                          | audit-trail pipeline-metrics failure-triage notifications runner-hardening`),
  },
  {
    name: 'OWASP Top 10:2025', link: 'https://owasp.org/Top10/2025/',
    scope: 'What a pipeline can do about it. Whether the application itself is free of these risks, no pipeline says.',
    requirements: rows(`
      A01:2025 | Access that isn't checked                    | scan-sast scan-dast
      A02:2025 | Insecure settings                            | scan-iac scan-container
      A03:2025 | Failures in the supply chain                 | scan-dependencies dependency-review update-bot sbom unpinned-action install-unlocked provenance
      A04:2025 | Failures of cryptography                     | scan-sast
      A05:2025 | Injection                                    | scan-sast scan-dast
      A06:2025 | A design that is insecure                    | threat-model
      A07:2025 | Failures of authentication                   | scan-dast oidc-cloud-auth
      A08:2025 | Software and data whose integrity isn't kept | artifact-signing provenance attestation-unverified download-execute-unverified
      A09:2025 | Failures of logging and alerting             | notifications failure-triage
      A10:2025 | Exceptional conditions that go wrong         | chaos-tests`),
  },
  {
    name: 'SLSA 1.2', link: 'https://slsa.dev/spec/v1.2/',
    requirements: rows(`
      Build L1      | Provenance says how a package was built                | provenance
      Build L2      | A hosted platform builds and signs the provenance      | provenance artifact-signing
      Build L3      | The platform keeps builds apart, and the signing key from them | provenance runner-hardening self-hosted-on-untrusted
      Source L1     | The source is under version control                    |
      Source L2     | Its history is kept and can be attested                |
      Source L3     | Technical rules of the organisation are enforced on it | branch-protection codeowners
      Source L4     | Two people agree on every change                       |
      Dependency L1 | What is depended on is known (draft)                   | sbom package-lockfile-missing lockfile-missing`),
  },
  {
    name: 'CIS Software Supply Chain Security Guide 1.0', link: 'https://www.cisecurity.org/insights/white-papers/cis-software-supply-chain-security-guide',
    scope: 'The recommendations that a repository and its pipelines can show; those about accounts and servers are left out.',
    requirements: rows(`
      1.1.3  | Two people approve a change                            |
      1.1.6  | Sensitive files have owners                            | codeowners
      1.1.9  | All checks pass before a merge                         | branch-protection
      1.1.14 | Protection of branches counts for administrators, too  |
      1.1.18 | What is merged is scanned                              | scan-sast scan-dependencies scan-not-on-pr
      1.2.1  | There is a security policy                             | security-policy
      1.5.1  | Scanners look for secrets in code                      | scan-secrets
      1.5.2  | Pipeline instructions are scanned                      | workflow-lint-missing
      1.5.3  | Infrastructure as code is scanned                      | scan-iac
      1.5.4  | Code is scanned for vulnerabilities                    | scan-sast
      1.5.5  | Open-source components are scanned for vulnerabilities | scan-dependencies
      1.5.6  | Licences of components are checked                     | license-scan-missing
      2.1.2  | Pipelines and their settings don't drift               | drift-detection
      2.1.5  | Access to the build is limited                         | permissions-missing permissions-write-all
      2.2.1  | Build workers are used once                            | self-hosted-on-untrusted
      2.2.4  | Build workers have little access to the network        | runner-hardening
      2.2.5  | Build workers are watched at run time                  | runner-hardening
      2.2.6  | Build workers are scanned for vulnerabilities          |
      2.3.1  | Build steps are defined as code                        |
      2.3.4  | Changes to pipeline files are reviewed                 | codeowners branch-protection
      2.3.5  | Few can start a build that releases                    | deploy-on-any-branch environment-approval
      2.3.6  | Pipelines are scanned for wrong settings               | workflow-lint-missing
      2.3.7  | Pipelines are scanned for vulnerabilities              | action-vulnerable
      2.3.8  | Pipeline files hold no secrets                         | scan-secrets
      2.4.1  | Released artifacts are signed                          | artifact-signing
      2.4.2  | Dependencies of the build are locked                   | unpinned-action install-unlocked
      2.4.3  | Dependencies are validated before they are used        | download-execute-unverified
      2.4.5  | The pipeline makes a bill of materials                 | sbom
      3.1.3  | Signed metadata of builds is asked for and verified    | attestation-unverified
      3.1.7  | Dependencies are pinned to a version                   | unpinned-action unpinned-image
      3.1.8  | Packages that are quite new are waited for             | update-bot
      3.2.2  | Packages are scanned for known vulnerabilities         | scan-dependencies dependency-review
      3.2.3  | Packages are checked for their licences                | license-scan-missing
      4.1.1  | The pipeline signs artifacts                           | artifact-signing
      4.3.1  | Artifacts are verified where they are taken up         | attestation-unverified
      4.4.1  | Artifacts say where they come from                     | provenance deploy-metadata
      5.1.3  | Deployment settings are scanned for secrets            | scan-secrets
      5.1.5  | Infrastructure as code of deployments is scanned       | scan-iac
      5.2.1  | Deployments are automated                              |
      5.2.3  | Few can reach production                               | environment-approval deploy-no-environment`),
  },
  {
    name: 'OpenSSF OSPS Baseline', link: 'https://baseline.openssf.org/',
    requirements: rows(`
      OSPS-AC-01.01 | Who changes something sensitive signs in with two factors   |
      OSPS-AC-02.01 | New collaborators get the least rights                      |
      OSPS-AC-03.01 | Nobody commits to the main branch directly                  | branch-protection
      OSPS-AC-03.02 | The main branch can't be deleted                            |
      OSPS-AC-04.01 | Pipelines have the least rights by default                  | permissions-missing
      OSPS-AC-04.02 | Each job has the least rights                               | permissions-workflow-write permissions-write-all
      OSPS-BR-01.01 | Input of pipelines from outside is checked                  | script-injection-run script-injection-github-script injection-step-output injection-caller-input
      OSPS-BR-01.02 | Names of branches are handled safely                        | script-injection-run
      OSPS-BR-02.01 | Releases have unique versions                               | release-automation
      OSPS-BR-04.01 | A release says what has changed                             | release-automation
      OSPS-BR-05.01 | Dependencies come by standard tools                         | install-unlocked
      OSPS-BR-06.01 | Releases are signed, or listed in something signed          | artifact-signing provenance
      OSPS-BR-07.01 | No secrets in version control                               | scan-secrets
      OSPS-BR-07.02 | There is a policy for secrets                               |
      OSPS-DO-01.01 | There is documentation for users                            |
      OSPS-DO-02.01 | It is said how defects are reported                         |
      OSPS-DO-03.01 | It is said how a release is verified                        |
      OSPS-DO-06.01 | It is said how dependencies are chosen and followed         |
      OSPS-GV-01.01 | Who has access to what is sensitive is listed               |
      OSPS-GV-01.02 | Roles are described                                         | governance
      OSPS-GV-03.01 | It is said how to contribute                                |
      OSPS-LE-02.01 | The licence is an open one                                  | license-missing
      OSPS-LE-03.01 | The licence lies in the repository                          | license-missing
      OSPS-QA-01.01 | The source can be read by everybody                         |
      OSPS-QA-02.01 | Direct dependencies are listed                              | package-lockfile-missing
      OSPS-QA-02.02 | Releases come with a bill of materials                      | sbom
      OSPS-QA-03.01 | Checks pass before a change is taken                        | branch-protection no-soft-failures
      OSPS-QA-05.01 | No executables that were generated                          | binary-in-repo
      OSPS-QA-06.01 | Tests run before a change is taken                          | unit-tests
      OSPS-QA-07.01 | Somebody else approves a change                             | branch-protection
      OSPS-SA-01.01 | The design is documented                                    |
      OSPS-SA-03.01 | Risks were assessed                                         |
      OSPS-SA-03.02 | Threats and the attack surface were modelled                | threat-model
      OSPS-VM-01.01 | There is a policy for disclosure                            | security-policy
      OSPS-VM-02.01 | There are contacts for security                             | security-policy
      OSPS-VM-03.01 | Vulnerabilities can be reported in private                  | security-policy
      OSPS-VM-04.01 | Vulnerabilities that were found are published               |
      OSPS-VM-05.03 | Changes are checked for vulnerable dependencies and blocked | scan-dependencies dependency-review scan-blocking
      OSPS-VM-06.02 | Changes are analysed for weaknesses and blocked             | scan-sast scan-blocking`),
  },
  {
    name: 'SOC 2 (Trust Services Criteria 2017)', link: 'https://www.aicpa-cima.com/resources/download/2017-trust-services-criteria-with-revised-points-of-focus-2022',
    scope: 'The common criteria that a pipeline can give evidence for. An auditor decides what it is worth.',
    requirements: rows(`
      CC2.1 | Information that controls need is there                          | pipeline-metrics
      CC3.2 | Risks are identified                                             | threat-model
      CC4.1 | Controls are evaluated again and again                           | scheduled-scans
      CC5.2 | Technology is controlled                                         | scan-iac drift-detection
      CC6.1 | Access is limited by technical means                             | permissions-missing secrets-manager oidc-cloud-auth scan-secrets
      CC6.2 | People get access only after they were registered and authorised |
      CC6.3 | Rights are given by role and as few as possible                  | permissions-workflow-write codeowners environment-approval
      CC6.6 | The outside is kept out                                          | self-hosted-on-untrusted pr-target-untrusted-checkout runner-hardening
      CC6.7 | Data is protected when it moves                                  | artifact-leaks-workspace
      CC6.8 | Software that wasn't authorised is kept out or found             | unpinned-action scan-dependencies artifact-signing provenance
      CC7.1 | New vulnerabilities and changes of settings are found            | scan-dependencies scan-container scan-iac drift-detection scheduled-scans
      CC7.2 | Systems are watched for anomalies                                | failure-triage pipeline-metrics
      CC7.3 | Events are evaluated                                             | failure-triage
      CC7.4 | Incidents are answered by a plan                                 | runbook
      CC7.5 | One recovers from incidents                                      | rollback runbook
      CC8.1 | Changes are authorised, tested and approved                      | branch-protection unit-tests deploy-gated environment-approval no-soft-failures audit-trail
      CC9.2 | Risks of suppliers are managed                                   | dependency-review update-bot unpinned-action
      A1.2  | There are backups and ways to recover                            | pre-deploy-backup rollback
      A1.3  | Recovery is tested                                               | chaos-tests migration-tests`),
  },
  {
    name: 'ISO/IEC 27001:2022 Annex A', link: 'https://www.iso.org/standard/27001',
    scope: 'The controls that a pipeline can give evidence for. Those about people and premises are left out.',
    requirements: rows(`
      A.5.3  | Duties are separated                               | branch-protection codeowners environment-approval
      A.5.7  | Threats are followed                               | threat-model
      A.5.17 | Authentication information is managed              | secrets-manager oidc-cloud-auth
      A.5.19 | Risks of suppliers are managed                     | unpinned-action dependency-review
      A.5.21 | The ICT supply chain is managed                    | scan-dependencies sbom provenance unpinned-action
      A.5.24 | Incidents are prepared for                         | runbook
      A.5.26 | Incidents are answered by procedure                | runbook rollback
      A.5.28 | Evidence is collected                              | audit-trail
      A.5.30 | Systems are ready for continuity                   | rollback pre-deploy-backup
      A.5.37 | Procedures are written down                        | runbook pipeline-diagram workflow-metadata
      A.8.2  | Privileged rights are limited                      | permissions-write-all permissions-workflow-write
      A.8.4  | Access to source code is managed                   | branch-protection codeowners
      A.8.5  | Authentication is secure                           | oidc-cloud-auth
      A.8.8  | Technical vulnerabilities are managed              | scan-dependencies scan-container update-bot auto-remediation
      A.8.9  | Configuration is managed                           | scan-iac drift-detection
      A.8.12 | Data doesn't leak                                  | scan-secrets artifact-leaks-workspace
      A.8.13 | There are backups                                  | pre-deploy-backup
      A.8.15 | Events are logged                                  | audit-trail deploy-metadata
      A.8.16 | Systems are watched                                | failure-triage notifications
      A.8.19 | What is installed on running systems is controlled | deploy-gated artifact-immutability
      A.8.24 | Cryptography is used by rule                       | artifact-signing
      A.8.25 | Development is secure through its life             | scan-sast workflow-lint-missing unit-tests
      A.8.27 | Architecture follows principles of security        | threat-model decision-records
      A.8.28 | Code is written securely                           | scan-sast lint-and-types
      A.8.29 | Security is tested in development and acceptance   | scan-sast scan-dast scan-blocking
      A.8.31 | Development, test and production are separated     | deploy-no-environment deploy-from-pr
      A.8.32 | Changes are managed                                | branch-protection unit-tests deploy-gated release-automation
      A.8.33 | Information for tests is protected                 |`),
  },
  {
    name: 'NIST Cybersecurity Framework 2.0', link: 'https://www.nist.gov/cyberframework',
    scope: 'The subcategories that a pipeline can give evidence for.',
    requirements: rows(`
      GV.RR-02 | Roles and responsibilities are set                   | governance codeowners
      GV.SC-07 | Risks of suppliers are followed                      | dependency-review update-bot
      ID.AM-02 | Software is inventoried                              | sbom
      ID.RA-01 | Vulnerabilities are identified                       | scan-sast scan-dependencies scan-container scan-dast
      ID.RA-03 | Threats are identified                               | threat-model
      ID.RA-07 | Changes and exceptions are managed                   | branch-protection decision-records
      ID.RA-09 | Software is checked to be genuine before it is used  | attestation-unverified unpinned-action download-execute-unverified
      ID.IM-04 | There are plans for incidents                        | runbook
      PR.AA-01 | Identities and credentials are managed               | secrets-manager oidc-cloud-auth
      PR.AA-05 | Rights are as few as possible, duties are separated  | permissions-missing permissions-workflow-write environment-approval
      PR.DS-01 | Data at rest is protected                            | scan-secrets secret-hardcoded
      PR.DS-11 | There are backups                                    | pre-deploy-backup
      PR.PS-01 | Configuration is managed                             | scan-iac drift-detection
      PR.PS-02 | Software is kept up to date                          | update-bot action-runtime-outdated
      PR.PS-04 | Logs are made                                        | audit-trail
      PR.PS-05 | Software that isn't authorised doesn't run           | unpinned-action runner-hardening
      PR.PS-06 | Secure practices are part of development             | scan-sast unit-tests workflow-lint-missing threat-model
      PR.IR-01 | Networks are protected from access                   | runner-hardening self-hosted-on-untrusted
      PR.IR-04 | There is enough capacity                             | timeouts concurrency-control load-tests
      DE.CM-06 | What suppliers do is watched                         | runner-hardening
      DE.CM-09 | Software and its environment are watched             | scheduled-scans drift-detection
      DE.AE-02 | Adverse events are analysed                          | failure-triage
      RS.MA-01 | Incidents are answered by plan                       | runbook
      RS.MI-02 | Incidents are brought to an end                      | rollback auto-remediation
      RC.RP-01 | Recovery is carried out                              | rollback self-healing`),
  },
  {
    name: 'GDPR Article 32', link: 'https://eur-lex.europa.eu/eli/reg/2016/679/oj#art_32',
    scope: 'Technical measures that a pipeline can show. What data is processed, and whether a measure is appropriate to the risk, no tool says.',
    requirements: rows(`
      Art. 32(1)(a) | Pseudonymisation and encryption                              |
      Art. 32(1)(b) | Confidentiality, integrity, availability, resilience         | scan-secrets permissions-missing artifact-signing deploy-health-check
      Art. 32(1)(c) | Availability is restored in time                             | rollback pre-deploy-backup runbook
      Art. 32(1)(d) | The measures are tested regularly                            | scan-sast scan-dependencies scan-dast scheduled-scans
      Art. 32(2)    | Risks were assessed                                          | threat-model
      Art. 32(4)    | Who has access acts on instructions only                     | codeowners environment-approval audit-trail`),
  },
];
