/** Workflows that are laid out in ways that break careless edits. */
export const snippets: readonly string[] = [
  // Comments on every kind of line.
  `# licence
# header

name: CI # the name
on: # triggers
  push: # pushes
    branches: [main] # only main
  # pull requests too
  pull_request:

# no rights
permissions: {}

jobs:
  # the tests
  test: # runs tests
    runs-on: ubuntu-latest # a runner
    # steps follow
    steps:
      # get the code
      - uses: actions/checkout@v4 # v4.2.2
        with:
          fetch-depth: 0 # all
          # - commented: out
      # run it
      - name: Test
        run: | # a script
          echo "# no comment"
          # a shell comment

          npm test
        # behind the script
        env:
          A: 1 # one
          # B: 2
    # end of the job
  # before lint
  lint:
    runs-on: ubuntu-latest
    steps:
      - run: npm run lint
# the end
`,
  // Four spaces, lists at the key's column, quoted keys.
  `"on":
    push:
        branches:
        - main
        - 'release/**'
jobs:
    build:
        runs-on: "ubuntu-latest"
        env:
            FOO: 'bar'
        steps:
        - uses: actions/checkout@v4
        - run: |
              make
              make test
          shell: bash

        - name: "Upload"
          uses: actions/upload-artifact@v4
          with:
              name: out
              path: |
                  a
                  b
    deploy:
        needs: [build]
        runs-on: ubuntu-latest
        environment: production
        steps:
        -   name: wide dash
            run: ./deploy.sh
        -
            name: dash alone
            run: ./again.sh
`,
  // Flow style.
  `on: [push, pull_request]
env: { A: b, C: 'd', }
jobs:
  a: { runs-on: ubuntu-latest, steps: [ { run: "echo a" }, { uses: actions/checkout@v4, with: { ref: main } } ] }
  b:
    runs-on: [self-hosted, linux]
    strategy:
      matrix: {
        os: [a, b],
        node: [18, 20]
      }
    permissions: { contents: read } # least
    steps: [
      # commented flow
      { run: x } ]
    defaults: {}
  c:
    runs-on: x
    env:
    steps:
    - {run: one}
    - {run: two, env: {}}
`,
  // Block scalars of every kind at the end of things.
  `on: push
jobs:
  a:
    runs-on: x
    steps:
      - run: |+
          keep

      - run: >-
          folded
          text

        name: after fold
      - run: |2
            indented
          less
      - run: |

          starts blank
      - run: |
          spaces below
            
      - name: |-
          strip
        run: >+
          kept
          fold

    if: >
      always() &&
      true

  b:
    runs-on: x
    steps:
      - run: |
          last
          one`,
  // Anchors and aliases.
  `on: push
env: &env
  A: 1
jobs:
  a: &a
    runs-on: &os ubuntu-latest
    steps: &steps
      - &co uses: actions/checkout@v4
      - &second
        run: echo
        env: *env
  b:
    runs-on: *os
    steps: *steps
  c: *a
  d:
    runs-on: &unused linux
    env: &spare
      X: y
    steps:
      - run: echo *.js
      - *second
`,
  // Text that spans lines, odd keys, non-ASCII, astral characters, trailing spaces.
  `name: "multi
  line"
on:   push   
run-name: plain text
  that goes on
jobs:
   odd:
      name: 'Größe 🚀 it''s'
      runs-on: ubuntu-latest   # trailing   
      'timeout-minutes' : 5
      if: \${{ github.ref == 'refs/heads/main' }}
      steps:
         - name:   spaced
           if: "contains(github.event.head_commit.message, '[skip]')"
           run:   echo hi
           "with" : {}
         - {}
         - run: !!str 12
         - - nested
           - list
         - ? explicit
           : value
`,
  // A document marker, a byte order mark, empty values.
  `\ufeff---
on:
  push:
  workflow_dispatch:
    inputs:
permissions:
jobs:
  a:
    runs-on: x
    env: # nothing yet
    with:
    steps:
      - uses: a/b@v1
        with:
      - run: ~
...
`,
];
