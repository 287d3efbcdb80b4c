#!/bin/sh
# Stands for a deployment.
echo "deploying to $1"
