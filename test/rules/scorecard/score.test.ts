import assert from 'node:assert/strict';
import fc from 'fast-check';
import { SCORE_CATEGORIES, type Level } from '../../../rules/practices/practice';
import { SEVERITIES } from '../../../rules/engine/rule';
import { levelName, nextBestActions, overallScore, score, shownPoints, type ScoredControl } from '../../../rules/scorecard/score';

let serial = 0;
function control(category: ScoredControl['category'], level: Level, severity: ScoredControl['severity'],
  result: ScoredControl['result']): ScoredControl {
  return { id: `c${serial++}`, category, level, severity, result };
}
const near = (actual: number, expected: number): void => assert.ok(Math.abs(actual - expected) < 1e-9, `${actual} is not ${expected}`);

const result = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(0, 1) },
  { weight: 2, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) },
  { weight: 1, arbitrary: fc.constant('unknown' as const) },
  { weight: 1, arbitrary: fc.constant('not-applicable' as const) },
);
const anyControl = fc.record({
  category: fc.constantFrom(...SCORE_CATEGORIES),
  level: fc.constantFrom<Level>(2, 3, 4, 5),
  severity: fc.constantFrom(...SEVERITIES),
  result,
});
// Few categories at a time make complete levels likely, where the interesting steps are.
const repository = fc.tuple(
  fc.array(anyControl, { minLength: 1, maxLength: 24 }),
  fc.constantFrom(1, 2, 6),
  fc.double({ min: 0, max: 1, noNaN: true }),
).map(([controls, breadth, quality]) => controls.map((c, i): ScoredControl => ({
  ...c, id: `c${i}`, category: SCORE_CATEGORIES[SCORE_CATEGORIES.indexOf(c.category) % breadth]!,
  result: typeof c.result === 'number' && (i * 0.37) % 1 < quality ? 1 : c.result,
})));
const RUNS = 6000;

describe('scorecard arithmetic: properties', () => {
  it('M1: a better result lowers no score and no level', () => {
    fc.assert(fc.property(repository, fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), (controls, pick, better) => {
      const measured = controls.filter(c => typeof c.result === 'number');
      fc.pre(measured.length > 0);
      const chosen = measured[pick % measured.length]!;
      const improved = controls.map(c => c === chosen ? { ...c, result: Math.max(better, c.result as number) } : c);
      const before = score(controls), after = score(improved);
      assert.ok(after.score >= before.score - 1e-9);
      assert.ok(after.level >= before.level);
      assert.ok(after.interval[1] >= before.interval[1] - 1e-9);
      before.categories.forEach((c, i) => {
        assert.ok(after.categories[i]!.score >= c.score - 1e-9);
        assert.ok(after.categories[i]!.level >= c.level);
      });
    }), { numRuns: RUNS });
  });

  it('M2: learning an unknown value only narrows the interval', () => {
    fc.assert(fc.property(repository, fc.nat(), fc.constantFrom<ScoredControl['result'][]>([0], [1], [0.5], ['not-applicable']),
      (controls, pick, [learnt]) => {
      const unknown = controls.filter(c => c.result === 'unknown');
      fc.pre(unknown.length > 0);
      const chosen = unknown[pick % unknown.length]!;
      const after = score(controls.map(c => c === chosen ? { ...c, result: learnt! } : c)), before = score(controls);
      // A category whose last control turns out not to apply leaves the mean: that is another question than its value.
      fc.pre(before.categories.every((c, i) => c.applicable === after.categories[i]!.applicable));
      assert.ok(after.interval[0] >= before.interval[0] - 1e-9 && after.interval[1] <= before.interval[1] + 1e-9);
      assert.ok(after.levels[0] >= before.levels[0] && after.levels[1] <= before.levels[1]);
      before.categories.forEach((c, i) => {
        const a = after.categories[i]!;
        assert.ok(a.interval[0] >= c.interval[0] - 1e-9 && a.interval[1] <= c.interval[1] + 1e-9);
      });
    }), { numRuns: RUNS });
  });

  it('M3: a newly applicable control that passes never lowers the total', () => {
    fc.assert(fc.property(repository, anyControl, (controls, added) => {
      const before = score(controls);
      const after = score([...controls, { ...added, id: 'new', result: 1 }]);
      assert.ok(after.score >= before.score - 1e-9, `${before.score} → ${after.score}`);
      assert.ok(after.level >= before.level);
      before.categories.forEach((c, i) => assert.ok(after.categories[i]!.score >= c.score - 1e-9));
    }), { numRuns: RUNS });
  });

  it('number and level agree in each category, and nothing leaves 0–100', () => {
    fc.assert(fc.property(repository, controls => {
      const all = score(controls);
      assert.ok(all.interval[0] <= all.interval[1] + 1e-9);
      for (const c of all.categories.filter(x => x.applicable)) {
        assert.ok(c.score >= 0 && c.score <= 100);
        const fromScore = Math.min(5, 1 + Math.floor((c.score + 1e-9) / 20));
        assert.equal(c.level, fromScore);
      }
      assert.ok(all.level <= 1 + Math.min(...all.categories.filter(c => c.applicable).map(c => c.level), 5));
    }), { numRuns: RUNS });
  });

  it('the gain of an action is what the score rises by', () => {
    fc.assert(fc.property(repository, controls => {
      for (const action of nextBestActions(controls, c => c.level)) {
        const fixed = controls.map(c => c.id === action.controlId ? { ...c, result: 1 } : c);
        assert.ok(Math.abs(score(fixed).score - score(controls).score - action.gain) < 1e-6);
      }
    }), { numRuns: 500 });
  });
});

describe('scorecard arithmetic: worked examples', () => {
  it('climbs by complete levels and shares out what lies above', () => {
    // Level 2 complete; above it 3 (medium, met, factor 1) and 4 (high, missing, factor ½): p = 2/(2 + 1.5).
    const controls = [control('Security', 2, 'critical', 1), control('Security', 3, 'medium', 1), control('Security', 3, 'high', 0),
      control('Security', 4, 'high', 0)];
    const security = score(controls).categories[0]!;
    assert.equal(security.level, 2);
    near(security.score, 20 + 20 * (2 / (2 + 3 + 1.5)));
    assert.deepEqual(security.blockers, [controls[2]!.id]);
  });

  it('lets a level pass at four fifths of its lesser controls, and never with a high one open', () => {
    const lesser = [1, 1, 1, 1, 0].map(r => control('Quality', 2, 'low', r));
    // The only level that asks for anything is complete: level 5, p = (0.8 - 0.8)/0.2.
    assert.equal(score(lesser).categories[1]!.level, 5);
    near(score(lesser).categories[1]!.score, 80);
    assert.equal(score([...lesser, control('Quality', 2, 'high', 0.99)]).categories[1]!.level, 1);
    assert.equal(score([...lesser, control('Quality', 2, 'high', 1)]).categories[1]!.level, 5);
  });

  it('caps a category with a broken critical control at level 2 and 39 points', () => {
    const good = ([2, 3, 4, 5] as const).map(l => control('Security', l, 'medium', 1));
    near(score(good).score, 100);
    const broken = score([...good, control('Security', 4, 'critical', 0.5)]).categories[0]!;
    assert.deepEqual([broken.level, broken.score, broken.blockers.length], [2, 39, 1]);
    // Below the cap the ladder itself counts: a critical control of level 2 leaves level 1.
    assert.equal(score([...good, control('Security', 2, 'critical', 0)]).categories[0]!.level, 1);
  });

  it('weighs the categories that apply, and holds the overall level to one above the lowest', () => {
    const s = score([control('Security', 2, 'medium', 1), control('Organisation', 2, 'medium', 0)]);
    near(s.score, (25 * 100 + 10 * 0) / 35);
    assert.equal(s.level, 2, '71 points would be level 4, but Organisation is at level 1');
    assert.deepEqual(s.categories.map(c => c.applicable), [true, false, false, false, false, true]);
  });

  it('shows unknown controls as an interval and counts them as missing in the headline', () => {
    const s = score([control('Organisation', 2, 'medium', 'unknown'), control('Organisation', 3, 'medium', 1)]);
    near(s.interval[0], 20 * (2 * 0.5 / (2 + 2 * 0.5)));
    near(s.interval[1], 100);
    assert.equal(s.score, s.interval[0]);
    assert.deepEqual(s.levels, [1, 2 + 3]);
  });

  it('reaches 100 with everything met, 0 with nothing, and level 1 where nothing applies', () => {
    const all = SCORE_CATEGORIES.flatMap(c => ([2, 3, 4, 5] as const).map(l => control(c, l, 'high', 1)));
    assert.deepEqual([score(all).score, score(all).level], [100, 5]);
    const none = all.map(c => ({ ...c, result: 0 }));
    assert.deepEqual([score(none).score, score(none).level], [0, 1]);
    assert.deepEqual([score([]).score, score([]).level], [0, 1]);
    assert.equal(score([control('Quality', 2, 'low', 'not-applicable')]).categories[1]!.applicable, false);
  });

  it('orders actions by gain per effort, and puts what gains nothing yet behind', () => {
    const cheap = control('Security', 2, 'medium', 0), dear = control('Security', 2, 'high', 0), met = control('Security', 3, 'medium', 1);
    const actions = nextBestActions([cheap, dear, met], c => c === dear ? 3 : 1);
    assert.deepEqual(actions.map(a => a.controlId), [cheap.id, dear.id]);
    // Alone: 20 × 2/(2+3+1) for the cheap one (weights 2 and 3 at level 2, 2 × ½ above).
    near(actions[0]!.gain, 20 * 2 / 6);
    near(actions[1]!.gain, 20 * 3 / 6);
    near(overallScore([cheap, dear, met]), 20 * 1 / 6);
  });

  it('names levels and rounds points down', () => {
    assert.deepEqual([1, 2, 3, 4, 5].map(levelName), ['Initial', 'Guarded', 'Managed', 'Hardened', 'Verified']);
    assert.equal(shownPoints(39.999), 39);
    assert.equal(shownPoints(40 - 1e-12), 40);
  });
});
