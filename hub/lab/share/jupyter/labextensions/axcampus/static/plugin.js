// The JupyterLab plugin: a side panel, a status-bar item, a launcher card and a command, all over one Campus.

import { Campus, PanelError } from './portal.js';
import { Speech, pickLanguage, storeLanguage, storedLanguage } from './words.js';
import { courseCard, element, link, noteBox, statusLine } from './view.js';

const OPEN = 'axcampus:open';
const CLOCK_MS = 30000;
const AUTHORS_TOOL = 'nbgrader-create_assignemnt'; // spelt so by nbgrader
const ICON = `<svg xmlns="http://www.w3.org/2000/svg" width="20" viewBox="0 0 24 24"><path class="jp-icon3" fill="#616161"
  d="M12 4 1 9l11 5 9-4.1V16h2V9zM5 12.9V17c0 1.7 3.1 3 7 3s7-1.3 7-3v-4.1l-7 3.2z"/></svg>`;

// The assignment that "submit" means: the one chosen here, else that of the open notebook (<course>/<assignment>/…),
// else the next deadline's, else the first. all: what the portal lists for the course.
export function targetOf(course, all, path, chosen) {
  const [slug, folder, ...rest] = (path || '').split('/');
  const open = slug === course.slug && rest.length ? folder : null;
  const due = course.next_deadline ? course.next_deadline.assignment : null;
  const known = new Set(all.map((one) => one.slug));
  const assignment = [chosen, open, due].find((one) => known.has(one)) || (all.length ? all[0].slug : null);
  return { assignment, isOpen: assignment !== null && assignment === open, all };
}

class Panel {
  constructor(app, campus, body, status, language) {
    Object.assign(this, { app, campus, body, status, note: null, isBusy: false, chosen: {} });
    this.speech = new Speech(language);
    this.live = element('div', { 'aria-live': 'polite', role: 'status' });
    this.content = element('div');
    this.body.append(this.content, this.live);
    this.content.addEventListener('focusout', (event) => event.target.matches('select') && window.setTimeout(() => this.show()));
    campus.onChange = () => this.show();
    window.setInterval(() => this.show(), CLOCK_MS);
  }

  // isAsked: the person did something; else an open list must not be redrawn under the mouse.
  show(isAsked = false) {
    this.status.textContent = statusLine(this.speech, this.campus.me, new Date());
    if (!isAsked && this.content.querySelector('select:focus')) return;
    const focused = this.content.contains(document.activeElement) ? document.activeElement.textContent : null;
    this.body.lang = this.speech.language;
    this.content.replaceChildren(this.head(), ...this.cards());
    this.live.replaceChildren(...(this.note ? [noteBox(this.speech, this.note)] : []));
    for (const button of this.content.querySelectorAll('button, select')) {
      button.disabled = this.isBusy;
      if (focused !== null && button.textContent === focused) button.focus(); // redrawing must not lose the keyboard
    }
  }

  head() {
    const me = this.campus.me;
    const change = { type: 'button', class: 'axc-link', onclick: () => this.changeLanguage() };
    return element('header', { class: 'axc-head' },
      element('h2', {}, this.speech.word('product')),
      me ? element('span', { class: 'axc-quiet' }, me.person.name || me.person.username) : null,
      element('button', change, this.speech.word('otherLanguage')));
  }

  cards() {
    const { me, error } = this.campus;
    const failed = error ? [this.failure(error)] : [];
    if (!me) return error ? failed : [element('p', { class: 'axc-quiet' }, this.speech.word('loading'))];
    if (!me.courses.length) return [...failed, element('p', {}, this.speech.word('noCourse'))];
    const path = this.openPath();
    const act = {
      move: (move, course, assignment) => this.act(move, course, assignment),
      choose: (course, assignment) => this.choose(course, assignment),
    };
    const target = (course) => targetOf(course, this.campus.assignments[course.slug] || [], path, this.chosen[course.slug]);
    const made = me.courses.map((course) => courseCard(this.speech, course, target(course), act, new Date()));
    const more = link(me.portal_url, this.speech.word('portal'));
    return [...failed, ...made, element('p', { class: 'axc-more' }, more)];
  }

  failure(error) {
    const words = error.words.ko || error.words.en ? error.words : { ko: new Speech('ko').word('offline'), en: new Speech('en').word('offline') };
    const box = noteBox(this.speech, { words: [words], isError: true, requestId: error.words.request_id });
    box.append(element('button', { type: 'button', class: 'axc-button', onclick: () => this.campus.refresh() }, this.speech.word('retry')));
    return box;
  }

  choose(course, assignment) {
    this.chosen[course] = assignment;
    this.show(true);
  }

  // Another notebook in sight means another assignment in mind.
  lookedElsewhere() {
    this.chosen = {};
    this.show();
  }

  openPath() {
    const widget = this.app.shell.currentWidget;
    return widget && widget.context ? widget.context.path : '';
  }

  async act(move, course, assignment) {
    this.isBusy = true;
    this.note = { words: [{ ko: new Speech('ko').word('working'), en: new Speech('en').word('working') }] };
    this.show();
    this.note = await this.perform(move, course, assignment);
    this.isBusy = false;
    this.show();
  }

  async perform(move, course, assignment) {
    try {
      if (move === 'submit') await this.saveOpen(`${course}/${assignment}/`);
      const done = await this.campus.move(move, course, assignment);
      if (move === 'fetch') await this.openFetched(done);
      return { words: done.words };
    } catch (error) {
      const words = error.words && (error.words.ko || error.words.en) ? error.words : { ko: new Speech('ko').word('offline'), en: new Speech('en').word('offline') };
      return { words: [words], isError: true, requestId: words.request_id };
    }
  }

  // What is submitted is what is on disk: save what is open in the folder, and stop when that fails.
  async saveOpen(folder) {
    const open = [...this.app.shell.widgets('main')].map((widget) => widget.context);
    for (const context of open.filter((one) => one && one.path && one.path.startsWith(folder))) {
      await context.ready;
      if (context.model.dirty) await context.save();
      if (context.model.dirty) throw new PanelError({ ko: new Speech('ko').word('unsaved'), en: new Speech('en').word('unsaved') });
    }
  }

  // The notebook opens beside the panel, which stays in sight with its message.
  async openFetched(done) {
    await this.app.commands.execute('filebrowser:go-to-path', { path: done.folder, dontShowBrowser: true });
    if (done.notebooks.length) await this.app.commands.execute('docmanager:open', { path: done.notebooks[0] });
  }

  changeLanguage() {
    this.speech = new Speech(this.speech.language === 'ko' ? 'en' : 'ko');
    storeLanguage(this.speech.language);
    this.show();
  }
}

function addStyle() {
  document.head.append(element('link', { rel: 'stylesheet', href: new URL('panel.css', import.meta.url).href }));
}

// nbgrader's "Create Assignment" is an author's tool: it leaves the sidebar until the portal says that this person teaches.
function keepForTeachers(shell, campus) {
  const tool = [...shell.widgets('right')].find((widget) => widget.id === AUTHORS_TOOL);
  if (!tool) return;
  tool.parent = null;
  const changed = campus.onChange;
  campus.onChange = () => {
    if (campus.teaches && !tool.parent) shell.add(tool, 'right');
    changed();
  };
}

export async function makePlugin(sharedModule) {
  const names = ['services', 'coreutils', 'statusbar', 'translation', 'launcher', 'apputils', 'ui-components'];
  const [services, coreutils, statusbar, translation, launcher, apputils, ui] = await Promise.all(
    names.map((name) => sharedModule(`@jupyterlab/${name}`)));
  const widgets = await sharedModule('@lumino/widgets');

  function activate(app, translator, statusBar, launch, palette) {
    addStyle();
    const icon = new ui.LabIcon({ name: 'axcampus:icon', svgstr: ICON });
    const language = pickLanguage(translator && translator.languageCode, navigator.language, storedLanguage());
    const speech = new Speech(language);
    const body = element('div', { class: 'axc-panel', tabindex: '-1' });
    const widget = new widgets.Widget({ node: body });
    widget.id = 'axcampus-panel';
    widget.title.icon = icon;
    widget.title.caption = speech.word('product');
    app.shell.add(widget, 'left', { rank: 150 });

    const status = element('button', { type: 'button', class: 'axc-status', onclick: () => app.commands.execute(OPEN) });
    if (statusBar) statusBar.registerStatusItem('axcampus:status', { item: new widgets.Widget({ node: status }), align: 'right', rank: 900 });
    app.commands.addCommand(OPEN, { label: speech.word('open'), icon, execute: () => app.shell.activateById(widget.id) });
    if (launch) launch.add({ command: OPEN, category: 'AX Campus', rank: 0 });
    if (palette) palette.addItem({ command: OPEN, category: 'AX Campus' });

    const campus = new Campus(services, coreutils);
    const panel = new Panel(app, campus, body, status, language);
    if (app.shell.currentChanged) app.shell.currentChanged.connect(() => panel.lookedElsewhere());
    panel.show();
    app.restored.then(() => {
      keepForTeachers(app.shell, campus);
      return campus.watch();
    });
  }

  return {
    id: 'axcampus:panel',
    autoStart: true,
    optional: [translation.ITranslator, statusbar.IStatusBar, launcher.ILauncher, apputils.ICommandPalette],
    activate,
  };
}
