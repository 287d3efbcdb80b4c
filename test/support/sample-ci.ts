/** The workflow of a small project, with comments that have to stay. */
export const CI = '.github/workflows/ci.yml';
export const OWN = `name: CI
on: pull_request

# Started together.
jobs:
  build: # the only one so far
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v4
      - run: npm test
`;
