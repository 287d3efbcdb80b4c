/** Loaded before the server with `--expose-gc`: says over the channel to the parent how much of the heap is in use when asked. */
process.on('message', () => {
  // Twice: what finalizers and weak references let go of goes with the second one.
  globalThis.gc();
  setImmediate(() => {
    globalThis.gc();
    process.send(process.memoryUsage().heapUsed);
  });
});
