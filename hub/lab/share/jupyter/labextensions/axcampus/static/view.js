// The panel's elements, made from data. Text only enters as text nodes, so nothing in it can become markup.

export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'onclick') node.addEventListener('click', value);
    else if (value !== false && value !== null) node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.filter((child) => child !== null && child !== ''));
  return node;
}

// A link only to a web page: an address from the network is not trusted to be one.
export function link(address, text) {
  if (!/^https?:\/\//.test(address || '')) return null;
  return element('a', { href: address, target: '_blank', rel: 'noopener noreferrer' }, text);
}

export function badge(status) {
  return element('span', { class: `axc-badge axc-${status.tone}` }, element('span', { 'aria-hidden': 'true' }, status.mark), ` ${status.text}`);
}

function fact(label, ...content) {
  return element('div', { class: 'axc-fact' }, element('dt', {}, label), element('dd', {}, ...content));
}

function deadlineFact(speech, course, now) {
  const deadline = course.next_deadline;
  if (!deadline) return fact(speech.word('deadline'), speech.word('noDeadline'));
  const left = element('strong', {}, speech.left(deadline.due_at, now));
  const when = element('span', { class: 'axc-quiet' }, speech.moment(deadline.due_at));
  return fact(speech.word('deadline'), element('div', {}, speech.title(deadline)), left, ' ', when);
}

function receiptFact(speech, course) {
  const receipt = course.last_receipt;
  if (!receipt) return fact(speech.word('receipt'), speech.word('noReceipt'));
  const lateText = speech.of(receipt.late_text);
  return fact(
    speech.word('receipt'),
    element('div', {}, link(receipt.portal_url, receipt.receipt_id) || receipt.receipt_id, ' ', badge(speech.status(receipt))),
    element('div', { class: 'axc-quiet' }, `${receipt.assignment} · ${speech.moment(receipt.received_at)}`),
    receipt.team ? element('div', { class: 'axc-quiet' }, speech.teamWork(receipt.team)) : null,
    lateText ? element('div', { class: receipt.is_late ? 'axc-warn-text' : 'axc-quiet' }, lateText) : null,
    receipt.manual_pending ? element('div', { class: 'axc-quiet' }, speech.word('manualPending')) : null,
  );
}

function scoreFact(speech, course) {
  const newest = course.newest_score;
  if (!newest) return fact(speech.word('score'), speech.word('noScore'));
  return fact(
    speech.word('score'), element('strong', { class: 'axc-score' }, speech.score(newest)), ` ${speech.title(newest)}`,
    newest.manual_pending ? element('div', { class: 'axc-quiet' }, speech.word('manualPending')) : null,
  );
}

const newest = (attempts) => attempts.reduce((last, one) => (last && last.number > one.number ? last : one), null);

// target: {assignment, isOpen, all}; the next sensible move stands first: to fetch, until there is work to submit.
function moves(speech, course, target, act) {
  const item = target.all.find((one) => one.slug === target.assignment);
  const own = item ? newest(item.attempts) : null;
  const button = (move, kind) =>
    element('button', { type: 'button', class: `axc-button ${kind}`, onclick: () => act.move(move, course.slug, target.assignment) }, speech.word(move));
  const order = own || target.isOpen || (item && item.status !== 'released') ? ['submit', 'fetch'] : ['fetch', 'submit'];
  return element('div', { class: 'axc-moves' }, item && item.is_team_work ? teamLine(speech, item.team) : null,
    chooser(speech, course, target, act), button(order[0], 'axc-main'), button(order[1], ''),
    own && own.status === 'graded' ? button('feedback', '') : null);
}

function teamLine(speech, team) {
  return element('p', { class: 'axc-quiet' }, team ? `${speech.word('team')} ${team.name}: ${team.members.join(', ')}` : speech.word('noTeam'));
}

function chooser(speech, course, target, act) {
  const option = (one) => element('option', { value: one.slug, selected: one.slug === target.assignment }, speech.title(one));
  const select = element('select', { 'aria-label': speech.word('assignment') }, ...target.all.map(option));
  select.addEventListener('change', () => act.choose(course.slug, select.value));
  return element('label', { class: 'axc-target' }, speech.word('assignment'), select);
}

export function courseCard(speech, course, target, act, now) {
  return element('section', { class: 'axc-card', 'aria-label': speech.title(course) },
    element('h3', {}, speech.title(course)),
    element('dl', {}, deadlineFact(speech, course, now), receiptFact(speech, course), scoreFact(speech, course)),
    target.assignment ? moves(speech, course, target, act) : null);
}

// note: {words: [{ko, en}], isError, requestId}; said aloud by screen readers.
export function noteBox(speech, note) {
  const lines = note.words.map((words) => element('p', {}, speech.of(words)));
  const id = note.requestId ? element('p', { class: 'axc-quiet' }, note.requestId) : null;
  return element('div', { class: `axc-note ${note.isError ? 'axc-note-bad' : ''}` }, ...lines, id);
}

export function statusLine(speech, me, now) {
  const course = me && me.courses.find((one) => one.next_deadline || one.last_receipt);
  if (!course) return speech.word('product');
  const deadline = course.next_deadline ? `${speech.title(course.next_deadline)} ${speech.left(course.next_deadline.due_at, now)}` : '';
  const receipt = course.last_receipt ? `${course.last_receipt.receipt_id} ${speech.status(course.last_receipt).text}` : '';
  return [deadline, receipt].filter(Boolean).join(' · ');
}
