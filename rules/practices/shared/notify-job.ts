/** Tells people of a failure without a service, a secret or an action: by an issue that is opened once and then added to. */

/** The commands; the title is in TITLE, the token in GH_TOKEN, the run's address in RUN_URL. */
const COMMANDS = [
  'number="$(gh issue list --repo "$GITHUB_REPOSITORY" --state open --search "in:title \\"$TITLE\\"" --json number,title --jq "map(select(.title == env.TITLE)) | .[0].number // empty")"',
  'if [ -n "$number" ]; then',
  '  gh issue comment "$number" --repo "$GITHUB_REPOSITORY" --body "Again: $RUN_URL"',
  'else',
  '  gh issue create --repo "$GITHUB_REPOSITORY" --title "$TITLE" --body "It failed in $RUN_URL"',
  'fi',
];

/** A last step of a job that has `issues: write`. `title` is plain text without quotes. */
export function alertLines(title: string, condition = 'failure()'): string[] {
  return [
    '  - name: Tell somebody',
    `    if: ${condition}`,
    '    env:',
    '      GH_TOKEN: ${{ github.token }}',
    '      RUN_URL: ${{ github.server_url }}/${{ github.repository }}/actions/runs/${{ github.run_id }}',
    `      TITLE: ${title}`,
    '    run: |',
    ...COMMANDS.map(c => `      ${c}`),
  ];
}

export const ALERT_SCRIPT = COMMANDS.join('\n');
