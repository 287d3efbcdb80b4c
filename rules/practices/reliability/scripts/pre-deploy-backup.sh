#!/usr/bin/env bash
# Saves the database before a deployment changes it, with a note of what was saved when and for which commit.
#
#   DATABASE_URL         postgres://…, mysql://… or sqlite:///path
#   BACKUP_DESTINATION   s3://bucket/folder, gs://bucket/folder, or a folder that outlives the runner
#
# A backup is a copy of everybody's data: it belongs into storage with its own access rules, never into an artifact of the run.
set -euo pipefail

: "${DATABASE_URL:?say which database is saved}" "${BACKUP_DESTINATION:?say where the backup goes}"
environment=${DEPLOY_ENVIRONMENT:-production}
commit=${GITHUB_SHA:-unknown} run=${GITHUB_RUN_ID:-0}
stamp=$(date -u +%Y%m%dT%H%M%SZ)
name="$environment-$stamp-${commit:0:12}"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
umask 077
dump="$folder/$name.dump"

case "$DATABASE_URL" in
  postgres://* | postgresql://*) pg_dump --format=custom --no-owner --file="$dump" --dbname="$DATABASE_URL" ;;
  postgresql+*://*) pg_dump --format=custom --no-owner --file="$dump" --dbname="postgresql://${DATABASE_URL#*://}" ;;
  mysql://* | mysql+*://* | mariadb://*)
    rest=${DATABASE_URL#*://} credentials=${rest%@*} place=${rest##*@}
    host=${place%%/*} database=${place#*/}
    # The password goes through a file: arguments are seen by every process.
    printf '[client]\nuser="%s"\npassword="%s"\nhost="%s"\nport="%s"\n' "${credentials%%:*}" "${credentials#*:}" "${host%%:*}" \
      "$(case "$host" in *:*) echo "${host##*:}" ;; *) echo 3306 ;; esac)" >"$folder/my.cnf"
    mysqldump --defaults-extra-file="$folder/my.cnf" --single-transaction --routines --result-file="$dump" "${database%%\?*}"
    rm "$folder/my.cnf"
    ;;
  sqlite:///*) sqlite3 "${DATABASE_URL#sqlite:///}" ".backup '$dump'" ;;
  *) echo "::error::Only PostgreSQL, MySQL and SQLite can be saved by this script." && exit 2 ;;
esac

if [ ! -s "$dump" ]; then
  echo "::error::The backup is empty."
  exit 1
fi
size=$(wc -c <"$dump" | tr -d ' ')
sum=$(sha256sum "$dump" | cut -d' ' -f1)
cat >"$folder/$name.json" <<JSON
{
  "environment": "$environment",
  "created": "$stamp",
  "commit": "$commit",
  "run": "$run",
  "file": "$name.dump",
  "bytes": $size,
  "sha256": "$sum"
}
JSON

case "$BACKUP_DESTINATION" in
  s3://*) aws s3 cp "$folder" "${BACKUP_DESTINATION%/}/" --recursive --only-show-errors ;;
  gs://*) gcloud storage cp "$folder/$name.dump" "$folder/$name.json" "${BACKUP_DESTINATION%/}/" ;;
  /* | ./*) mkdir -p "$BACKUP_DESTINATION" && cp "$folder/$name.dump" "$folder/$name.json" "$BACKUP_DESTINATION/" ;;
  *) echo "::error::BACKUP_DESTINATION begins with s3://, gs:// or / and is not $BACKUP_DESTINATION." && exit 2 ;;
esac
echo "backup=${BACKUP_DESTINATION%/}/$name.dump" >>"${GITHUB_OUTPUT:-/dev/null}"
echo "Saved $size bytes as \`$name.dump\` (sha256 \`$sum\`)" | tee -a "${GITHUB_STEP_SUMMARY:-/dev/null}"
