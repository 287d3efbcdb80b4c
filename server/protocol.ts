/** What client and server say to each other beyond LSP. Types and method names only: both sides import this file. */

export interface Rng { start: { line: number; character: number }; end: { line: number; character: number } }

export interface ScorecardEvidence {
  /** Absolute file URI; absent for something that was looked for and not found. */
  uri?: string;
  range?: Rng;
  text: string;
}

export interface ScorecardControl {
  id: string;
  kind: 'rule' | 'practice';
  title: string;
  category: string;
  level: number;
  severity: string;
  verdict: 'met' | 'partial' | 'missing' | 'not-applicable' | 'unknown';
  /** 0..1, null for unknown and not applicable. */
  result: number | null;
  evidence: ScorecardEvidence[];
  lookedFor: string[];
  /** Title of the scaffold, `Add a secret-scan job`; absent where there is none. */
  addTitle?: string;
  /** For rules: the diagnostics behind it can be fixed by a quick-fix. */
  fixable?: boolean;
  /** The rules whose quick-fixes mend it; a practice's differ from its id. */
  fixRules?: string[];
  /** Address of the documentation. */
  docs?: string;
}

export interface ScorecardCategory { name: string; score: number; level: number; interval: [number, number]; applicable: boolean }

export interface ScorecardAction { controlId: string; title: string; /** Points on the overall score. */ gain: number; effort: number; kind: 'add' | 'fix' | 'manual'; /** Of `add`: it changes what stands, and adds no job and no file. */ edits?: true }

export interface ScorecardReport {
  version: 1;
  /** URI of the repository's root. */
  root: string;
  name: string;
  score: number;
  level: number;
  levelName: string;
  interval: [number, number];
  /** One sentence on what holds the level back; absent at the top. */
  heldBackBy?: string;
  /** `62 (62–71, 15 of 110 controls need a GitHub token)`. */
  headline: string;
  categories: ScorecardCategory[];
  controls: ScorecardControl[];
  actions: ScorecardAction[];
  workflows: number;
  /** Each workflow with its jobs in the order in which they run. */
  pipeline?: ScorecardWorkflow[];
  /** What the configuration file aims at, overall first; absent where it says nothing. */
  targets?: ScorecardTarget[];
}

/** `name` is a category, or `overall`; `by` is `YYYY-MM-DD`. */
export interface ScorecardTarget { name: string; level: number; target: number; by?: string }

export interface ScorecardJob {
  id: string;
  /** What is special about it: its name, a matrix, a condition. */
  lines: string[];
  kind: 'job' | 'check' | 'release' | 'call';
  /** Ids of jobs that it waits for. */
  needs: string[];
  environment?: string;
  uri?: string;
  range?: Rng;
}

export interface ScorecardWorkflow { title: string; uri?: string; /** `push: main`. */ triggers: string[]; stages: ScorecardJob[][] }

/** Request, client → server: the reports of all repositories in the workspace. Also a notification, server → client, when one changes. */
export const SCORECARD = 'ciHardening/scorecard';
export interface ScorecardParams { refresh?: boolean }
export interface ScorecardResult { reports: ScorecardReport[]; state: 'ready' | 'scanning' | 'no-folder' }

/** Request, client → server: what adding a practice would change, as a WorkspaceEdit with change annotations. */
export const SCAFFOLD = 'ciHardening/scaffold';
export interface ScaffoldParams { root: string; practice: string; /** Insert into this workflow. */ uri?: string }
/** `edit` is an LSP WorkspaceEdit; `refused` says why there is none. */
export interface ScaffoldResult { edit?: unknown; explanation?: string; todo?: string[]; refused?: string; /** First file that changes. */ open?: string }

/** Request, client → server: practices that can be added to a repository. */
export const ADDABLE = 'ciHardening/addable';
export interface AddableParams { root: string }
export interface AddableResult { practices: { id: string; title: string; category: string; gain: number; summary: string }[] }

/** Request, client → server: how far a repository can be hardened, and with what. */
export const HARDEN_CHOICES = 'ciHardening/hardenChoices';
export interface HardenChoicesParams { root: string }
export interface HardenChoicesResult {
  score: number;
  level: number;
  /** Levels that some category is below, lowest first. */
  targets: { target: number; name: string; /** Categories below it. */ categories: string[] }[];
  /** What can be added first, the most gain by effort first; `refused` says why something can't be. */
  practices: { id: string; title: string; summary: string; category: string; level: number; gain: number; effort: number; refused?: string }[];
}

/** Request, client → server: everything that a choice asks for as one WorkspaceEdit with change annotations. */
export const HARDEN = 'ciHardening/harden';
export interface HardenParams {
  root: string;
  /** A level to reach, 2–5; or `practices` by id. One of them. */
  target?: number;
  practices?: string[];
  /** Only these categories; goes with `target`. */
  categories?: string[];
  /** Also fixes that can change what a run does. */
  unsafe?: boolean;
}
export interface HardenedScore { score: number; level: number; levelName: string; categories: ScorecardCategory[] }
export interface HardenResult {
  /** An LSP WorkspaceEdit; absent where there is nothing to do. */
  edit?: unknown;
  refused?: string;
  before?: HardenedScore;
  after?: HardenedScore;
  steps: { kind: 'add' | 'fix'; id: string; title: string; category: string; level: number; gain: number; effort: number; explanation: string; todo: string[]; files: string[] }[];
  files: number;
  /** What is left to the person, and why. */
  remaining: { id: string; title: string; category: string; level: number; verdict: string; reason: string }[];
}

/** Request, client → server: fixes for the whole workspace as one WorkspaceEdit with change annotations. */
export const FIX_WORKSPACE = 'ciHardening/fixWorkspace';
export interface FixWorkspaceParams {
  /** Only this rule. */
  rule?: string;
  /** Only these rules, one after the other; counts before `rule`. */
  rules?: string[];
  /** Any resource of the one repository that is meant; all repositories of the workspace where it is absent. */
  uri?: string;
  unsafe: boolean;
  /** Each change is to be confirmed, also where it is safe: `unsafe` ones always are. */
  confirm?: boolean;
}
export interface FixWorkspaceResult { edit?: unknown; fixed: number; files: number; remaining: number }

/** Request, client → server: asks GitHub about the pins of the workspace, or of one repository; diagnostics follow from what it says. */
export const CHECK_PINS = 'ciHardening/checkPins';
export interface CheckPinsParams { /** Any resource of the one repository that is meant. */ uri?: string }
export interface CheckPinsResult {
  /** Pins of which something is known now. */
  known: number;
  /** Why nothing is known of others. */
  failures: string[];
}

/** Request, client → server: the documentation of a rule or practice as Markdown. */
export const EXPLAIN = 'ciHardening/explain';
export interface ExplainParams { id: string }
export interface ExplainResult { markdown?: string }

/** Request, client → server: the audit report of a repository, or its score as an SVG for a README. */
export const REPORT = 'ciHardening/report';
export interface ReportParams { root: string; format: 'markdown' | 'html' | 'json' | 'badge'; /** Level aimed at, 2 to 5. */ target?: number; /** `YYYY-MM-DD`, as the reader's calendar says. */ date?: string }
export interface ReportResult { text: string; /** For a file: `ci-hardening-report-name`, without an extension. */ fileName: string }

/** Request, client → server: the pipelines of a repository as a Mermaid flowchart. */
export const DIAGRAM = 'ciHardening/diagram';
export interface DiagramParams { root: string; /** Only this workflow, by its path in the repository. */ workflow?: string }
export interface DiagramResult { mermaid: string }

/**
 * Request, client → server: the score of each commit that touched the pipelines, from git alone. What was done before a cancel is kept,
 * so the next request looks at what is missing only.
 */
export const HISTORY = 'ciHardening/history';
export interface HistoryParams {
  root: string;
  /** Commits at most, newest first; 5000 where it is absent. */
  limit?: number;
  /** Only what is kept from earlier: no commit is scored. */
  kept?: boolean;
  /** `HistoryProgress` is sent with it as `$/progress`. */
  progressToken?: string | number;
}
export interface HistoryProgress { done: number; total: number }
export interface HistoryEntry {
  commit: string;
  /** `YYYY-MM-DD`, in UTC. */
  date: string;
  /** First line of the message. */
  subject?: string;
  score: number;
  level: number;
  /** Scores by category. */
  categories: Record<string, number>;
  /** Open findings by severity. */
  open: Record<string, number>;
}
export interface HistoryResult {
  /** Newest first. */
  entries: HistoryEntry[];
  /** Commits that there are, up to the limit. */
  total: number;
  /** Why there is no history; `message` is what git says of it. */
  unavailable?: 'browser' | 'untrusted' | 'no-git' | 'no-repository' | 'failed';
  message?: string;
}

/** Request, server → client: contents of a file that the server can't read itself (virtual workspaces, browsers). */
export const READ_FILE = 'ciHardening/readFile';
export interface ReadFileParams { uri: string; /** Bytes; a larger file is not read. */ limit?: number }
/** `text` keeps a byte order mark. It is null where there is nothing; with `error`, where there is something that can't be read. */
export interface ReadFileResult { text: string | null; error?: string }

/** Request, server → client: names of all files below a folder that the server can't list itself. */
export const LIST_FILES = 'ciHardening/listFiles';
export interface ListFilesParams {
  uri: string;
  /** Names of folders that are not looked into. */
  skip: string[];
  /** Files at most; those below `first` come before all others. */
  limit: number;
  depth: number;
  /** Name of the folders that are looked into before all others. */
  first: string;
}
/** Null where the folder can't be listed, or is none. */
export interface ListFilesResult {
  listing: {
    /** Relative, with `/`, in no order; links are named and never walked into. */
    files: string[];
    /** Folders that were not looked into, by their names. */
    skipped: string[];
    errors: { file: string; message: string }[];
  } | null;
}

/** Request, server → client: a token of whoever is signed in at a GitHub server, asked for with a look-up. Nobody is asked to sign in for it. */
export const GITHUB_TOKEN = 'ciHardening/githubToken';
export interface GithubTokenParams { githubUrl: string }
export interface GithubTokenResult { token?: string }

/** Request, client → server: the edit that gives a rule another severity in the configuration file, which it makes where there is none. */
export const SET_SEVERITY = 'ciHardening/setSeverity';
export interface SetSeverityParams { /** A file of the repository that is meant. */ uri: string; rule: string; severity: 'off' | 'info' | 'low' | 'medium' | 'high' | 'critical' }
/** `edit` is an LSP WorkspaceEdit; absent where there is nothing to change, with `refused` where it can't be made. */
export interface SetSeverityResult { edit?: unknown; refused?: string; /** The configuration file. */ file?: string }

/** Request, client → server: what the rules have to say about a place, and why what they found there is not shown. */
export const WHY = 'ciHardening/why';
export interface WhyParams { uri: string; position: Rng['start'] }
export interface WhyResult {
  /** For a person to read; absent for a file that isn't checked. */
  markdown?: string;
  /** The same as data, most telling first. */
  entries: { rule: string; status: WhyStatus; text: string }[];
}
export type WhyStatus = 'shown' | 'suppressed' | 'ignored' | 'absorbed' | 'elsewhere' | 'expired' | 'failed' | 'off' | 'profile' | 'online' | 'silent';

/** Request, client → server: what is found in the workspace, or in one file, as plain data. */
export const SCAN = 'ciHardening/scan';
export interface ScanParams { uri?: string }
export interface ScanResult {
  findings: { rule: string; severity: string; message: string; file: string; /** 1-based. */ line: number; fixable: boolean }[];
  /** More findings than are listed. */
  omitted: number;
  scores: { repository: string; score: number; level: number; headline: string }[];
}

/** Settings under `ciHardening.` as the server asks for them per folder. */
export interface Settings {
  profile: 'recommended' | 'strict';
  rules: Record<string, string>;
  trustedOwners: string[];
  /** Off: nothing asks the network, whatever is clicked. */
  network: {
    enabled: boolean;
    githubUrl: string;
    /** On: GitHub is asked about pins by itself, not only on a click. */
    checkPins: boolean;
  };
  missingPractices: boolean;
  inlayHints: {
    /** The version behind a commit that no comment names. */
    versions: boolean;
    /** What the token of a job may do that does not say so itself. */
    permissions: boolean;
  };
  /** Another extension completes the configuration file by its schema. The client sets it. */
  schemaExtension?: boolean;
  /** GitHub's own extension runs in the same editor: what it reports itself is not shown a second time. The client sets it. */
  officialExtension?: boolean;
}
