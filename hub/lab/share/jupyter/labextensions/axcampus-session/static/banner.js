// A banner at the bottom of JupyterLab while the server is to be stopped: why, when, and a button that keeps it an hour.

const ASK_MS = 30000;
const STYLE = `position:fixed;left:50%;bottom:32px;transform:translateX(-50%);z-index:10000;max-width:640px;padding:12px 16px;
  display:flex;gap:12px;align-items:center;border:1px solid #9e6a00;border-radius:10px;background:#fff3db;color:#5c3d00;
  font:15px/1.5 var(--jp-ui-font-family);word-break:keep-all;box-shadow:0 8px 24px rgb(0 0 0 / 20%)`;
const BUTTON = 'flex:none;min-height:40px;padding:0 14px;border:1px solid #5c3d00;border-radius:6px;background:#fff;color:#5c3d00;font:inherit;cursor:pointer';
const WORDS = {
  keep: { ko: '1시간 더 쓰기', en: 'Keep for an hour' },
  failed: { ko: '연장하지 못했습니다. 다시 눌러 주십시오.', en: 'It could not be kept. Please press again.' },
};

class Banner {
  constructor(services, coreutils, language) {
    this.connection = services.ServerConnection;
    this.settings = this.connection.makeSettings();
    this.address = coreutils.URLExt.join(this.settings.baseUrl, 'axcampus', 'session-end');
    this.language = language;
    this.isOff = false;
    this.box = document.createElement('div');
    this.box.id = 'axcampus-session-end';
    this.box.setAttribute('role', 'alert');
    this.box.style.cssText = STYLE;
    this.text = document.createElement('span');
    this.button = document.createElement('button');
    this.button.type = 'button';
    this.button.style.cssText = BUTTON;
    this.button.textContent = WORDS.keep[language];
    this.button.onclick = () => this.keep();
    this.box.append(this.text, this.button);
  }

  async watch() {
    await this.ask({});
    if (this.isOff) return; // servers of this hub do not end by themselves
    window.setTimeout(() => this.watch(), ASK_MS);
  }

  async keep() {
    const body = JSON.stringify({ hours: 1 });
    if (!(await this.ask({ method: 'POST', body }))) this.text.textContent = WORDS.failed[this.language];
  }

  // True if the server answered.
  async ask(init) {
    try {
      const response = await this.connection.makeRequest(this.address, init, this.settings);
      if (response.ok) this.show(await response.json());
      else this.isOff = response.status === 404;
      return response.ok;
    } catch (error) {
      return false;
    }
  }

  show(end) {
    if (!end.stops_at) return this.box.remove();
    const words = end[this.language];
    if (this.text.textContent !== words) this.text.textContent = words; // said once by a screen reader, not every time
    this.box.lang = this.language;
    if (!this.box.isConnected) document.body.append(this.box);
  }
}

function chosenLanguage() {
  try {
    const stored = window.localStorage.getItem('axcampus:language');
    if (stored === 'ko' || stored === 'en') return stored;
  } catch (error) { /* no storage: the browser's language */ }
  return /^ko\b/i.test(navigator.language || 'ko') ? 'ko' : 'en';
}

export async function makePlugin(sharedModule) {
  const [services, coreutils] = await Promise.all(['services', 'coreutils'].map((name) => sharedModule(`@jupyterlab/${name}`)));
  return {
    id: 'axcampus-session:banner',
    autoStart: true,
    activate: (app) => {
      app.restored.then(() => new Banner(services, coreutils, chosenLanguage()).watch());
    },
  };
}
