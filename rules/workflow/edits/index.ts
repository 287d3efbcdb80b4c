export { deleteEntry, insertUnder, renameKey, replaceValue, setKey, type SetKeyOptions } from './mapping';
export { deleteItem, insertItem } from './sequence';
export { deleteSpan, insertCommentLine, replaceScalar, setTrailingComment } from './scalar';
export { addStepEnv, deleteTopLevelKey, insertJob, insertStep, setJobKey, setStepInput, setStepKey, setTopLevelKey, type PlaceOptions } from './workflow';
export { hasOwnLineComment, mayTouch } from './place';
export { quoteIfNeeded } from './quote';
export { CANONICAL, type Layout } from './layout';
export { printEntry, printFlow, printItem } from './print';
export { flow, literal, raw, says, type YamlMap, type YamlValue } from './yaml-value';
