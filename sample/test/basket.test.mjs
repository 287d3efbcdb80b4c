import assert from 'node:assert/strict';
import test from 'node:test';
import { total } from '../src/basket.mjs';

test('adds up prices', () => assert.equal(total([{ price: 5, count: 2 }, { price: 1, count: 3 }]), 13));
