// What JupyterLab loads first: a module-federation container written by hand, so that nobody needs a bundler.
// The extension itself is plain ES modules beside this file.
(() => {
  'use strict';
  const here = document.currentScript.src;
  let shared;

  // JupyterLab shares its own packages in the scope; each has one version unless another extension brought more.
  async function sharedModule(name) {
    const versions = shared[name];
    if (!versions) throw new Error(`JupyterLab does not share ${name}`);
    return (await versions[Object.keys(versions)[0]].get())();
  }

  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB.axcampus = {
    init(scope) {
      shared = scope;
    },
    async get() {
      const { makePlugin } = await import(new URL('plugin.js', here).href);
      const plugin = await makePlugin(sharedModule);
      return () => ({ __esModule: true, default: plugin });
    },
  };
})();
