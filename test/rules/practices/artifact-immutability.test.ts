import assert from 'node:assert/strict';
import { deploys } from './deploys';
import { practice, practiceCases, repository, result } from './support';

describe('artifact-immutability', () => {
  practiceCases('artifact-immutability', {
    met: {
      'a digest': deploys('- run: kubectl set image deployment/web web=x@sha256:$DIGEST\n'),
      'a commit': deploys('- run: helm upgrade web ./chart --set image.tag=$GITHUB_SHA\n'),
      'the tested artifact': deploys('- uses: actions/download-artifact@v4\n- run: firebase deploy\n'),
      'an input': deploys('- uses: azure/webapps-deploy@v3\n  with:\n    images: ghcr.io/o/x:${{ github.sha }}\n'),
      'a build that was tested': deploys('- run: npm ci\n- run: npm test\n- run: npm run build\n- run: firebase deploy\n'),
      'an output of the build': deploys('- uses: google-github-actions/deploy-cloudrun@v2\n  with:\n    image: x@${{ needs.build.outputs.digest }}\n'),
    },
    partial: { 'one of two': deploys('- run: kubectl set image deployment/web web=x:$GITHUB_SHA\n', { jobs: '  b:\n    runs-on: x\n    steps:\n      - run: kubectl set image deployment/b b=b:latest\n' }) },
    missing: {
      'latest': deploys('- run: kubectl set image deployment/web web=ghcr.io/o/x:latest\n'),
      'a branch': deploys('- run: gcloud run deploy web --image eu.gcr.io/o/x:main\n'),
      'a new build': deploys('- run: npm run build\n- run: firebase deploy\n'),
      'a decoy': deploys('- name: Deploy the tested digest\n  run: kubectl set image deployment/web web=x:latest\n'),
    },
    notApplicable: { 'no deployment': {}, 'what manifests name': deploys('- run: kubectl apply -f k8s\n') },
  });

  it('names the image by its commit where the same workflow pushes it', () => {
    const files = deploys('- run: kubectl set image deployment/web web=ghcr.io/o/x:latest\n', { job: '    needs: build\n',
      jobs: '  build:\n    runs-on: ubuntu-latest\n    steps:\n      - run: |\n          docker build -t ghcr.io/o/x:latest -t ghcr.io/o/x:latest-alpine .\n          docker push ghcr.io/o/x:latest\n' });
    const plan = practice('artifact-immutability').scaffold!.plan(repository(files));
    assert.ok(!('refused' in plan));
    const text = plan.changes[0]!.newText;
    assert.match(text, /web=ghcr\.io\/o\/x:\$GITHUB_SHA\n/);
    assert.match(text, /docker build -t ghcr\.io\/o\/x:\$GITHUB_SHA -t ghcr\.io\/o\/x:latest-alpine \./);
    assert.match(text, /docker push ghcr\.io\/o\/x:\$GITHUB_SHA\n/);
    assert.equal(result('artifact-immutability', Object.fromEntries(plan.changes.map(c => [c.path, c.newText]))), 1);
    const elsewhere = practice('artifact-immutability').scaffold!.plan(repository(deploys('- run: kubectl set image deployment/web web=ghcr.io/o/x:latest\n')));
    assert.ok('refused' in elsewhere);
  });
});
