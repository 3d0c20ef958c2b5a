// What JupyterLab loads first; the extension itself is the ES module beside this file.
(() => {
  'use strict';
  const here = document.currentScript.src;
  let shared;

  async function sharedModule(name) {
    const versions = shared[name];
    if (!versions) throw new Error(`JupyterLab does not share ${name}`);
    return (await versions[Object.keys(versions)[0]].get())();
  }

  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB['axcampus-session'] = {
    init(scope) {
      shared = scope;
    },
    async get() {
      const { makePlugin } = await import(new URL('banner.js', here).href);
      const plugin = await makePlugin(sharedModule);
      return () => ({ __esModule: true, default: plugin });
    },
  };
})();
