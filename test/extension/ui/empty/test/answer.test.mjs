import assert from 'node:assert/strict';
import test from 'node:test';
import { answer } from '../src/answer.mjs';

test('the answer', () => assert.equal(answer(), 42));
