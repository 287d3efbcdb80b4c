export { unusedSuppression as default } from '../../engine/meta';
