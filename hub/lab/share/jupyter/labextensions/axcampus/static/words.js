// Everything the panel says, Korean and English, and how times and scores read. Pure functions.

const LANGUAGE_KEY = 'axcampus:language';

const WORDS = {
  product: ['AX 캠퍼스', 'AX Campus'],
  open: ['AX 캠퍼스 열기', 'Open AX Campus'],
  loading: ['불러오는 중입니다…', 'Loading…'],
  noCourse: ['아직 등록된 과정이 없습니다. 등록되면 여기에 마감과 점수가 나옵니다.',
    'You are not enrolled in a course yet. Deadlines and scores will show here.'],
  deadline: ['다음 마감', 'Next deadline'],
  noDeadline: ['다가오는 마감이 없습니다.', 'No deadline ahead.'],
  receipt: ['마지막 제출', 'Last submission'],
  noReceipt: ['아직 제출한 것이 없습니다.', 'Nothing submitted yet.'],
  manualPending: ['사람이 채점할 부분이 남아 있습니다.', 'A person still grades a part.'],
  team: ['팀', 'Team'],
  noTeam: ['아직 팀이 정해지지 않았습니다. 담당 교수에게 문의해 주십시오.', 'You are in no team yet. Please ask your instructor.'],
  score: ['최근 점수', 'Newest score'],
  noScore: ['아직 점수가 없습니다.', 'No score yet.'],
  assignment: ['과제', 'Assignment'],
  fetch: ['과제 가져오기', 'Fetch assignment'],
  submit: ['제출', 'Submit'],
  feedback: ['피드백 가져오기', 'Fetch feedback'],
  portal: ['포털에서 자세히 보기', 'Details in the portal'],
  working: ['처리하고 있습니다…', 'Working…'],
  attempt: ['번째 제출', ' (attempt)'],
  late: ['지각', 'late'],
  offline: ['노트북 서버에 연결하지 못했습니다. 내 파일은 그대로 있습니다. 잠시 뒤 다시 시도합니다.',
    'The notebook server could not be reached. Your files are untouched. Trying again soon.'],
  unsaved: ['노트북을 저장하지 못해 제출하지 않았습니다. 저장(Ctrl+S)한 뒤 다시 제출해 주십시오.',
    'The notebook could not be saved, so nothing was submitted. Save it (Ctrl+S) and submit again.'],
  retry: ['다시 시도', 'Try again'],
  otherLanguage: ['English', '한국어'],
};

const STATUS = {
  received: ['접수됨', 'received', '●', 'quiet'],
  queued: ['대기 중', 'queued', '◷', 'quiet'],
  grading: ['채점 중', 'grading', '◐', 'busy'],
  graded: ['채점 완료', 'graded', '✓', 'good'],
  not_graded: ['채점 불가', 'not graded', '!', 'bad'],
  needs_person: ['확인 필요', 'needs a person', '!', 'warn'],
  refused: ['채점 거절', 'refused', '✕', 'bad'],
};

const FINAL = new Set(['graded', 'not_graded', 'needs_person', 'refused']);

// 'ko' or 'en': what the person chose here, else JupyterLab's language, else the browser's.
export function pickLanguage(labLanguage, browserLanguage, stored) {
  if (stored === 'ko' || stored === 'en') return stored;
  if (labLanguage && !labLanguage.startsWith('en')) return labLanguage.startsWith('ko') ? 'ko' : 'en';
  return (browserLanguage || '').startsWith('ko') ? 'ko' : 'en';
}

export const storedLanguage = () => window.localStorage.getItem(LANGUAGE_KEY);
export const storeLanguage = (language) => window.localStorage.setItem(LANGUAGE_KEY, language);

export const isFinal = (status) => FINAL.has(status);

export class Speech {
  constructor(language) {
    this.language = language;
    this.index = language === 'ko' ? 0 : 1;
    this.locale = language === 'ko' ? 'ko-KR' : 'en-GB';
  }

  word(name) {
    return WORDS[name][this.index];
  }

  // {ko, en} from the portal; the other language rather than nothing.
  of(words) {
    return words ? words[this.language] || words.ko || words.en || '' : '';
  }

  title(item) {
    return this.of({ ko: item.title_ko, en: item.title_en }) || item.assignment || item.slug;
  }

  // {text, mark, tone} of a receipt's status.
  status(receipt) {
    const [ko, en, mark, tone] = STATUS[receipt.status] || [receipt.status, receipt.status, '●', 'quiet'];
    const word = this.index === 0 ? ko : en;
    const position = receipt.status === 'queued' ? receipt.queue_position : null;
    if (!position) return { text: word, mark, tone };
    return { text: this.index === 0 ? `${word} (${position}번째)` : `${word} (no. ${position})`, mark, tone };
  }

  // "3조 팀의 김서연 님이 제출했습니다."
  teamWork(team) {
    return this.index === 0 ? `${team.name} 팀의 ${team.submitted_by} 님이 제출했습니다.` : `Submitted by ${team.submitted_by} for team ${team.name}.`;
  }

  score(item) {
    if (item.score === null || item.score === undefined) return '';
    const number = (value) => value.toLocaleString(this.locale, { maximumFractionDigits: 2 });
    return item.max_score ? `${number(item.score)} / ${number(item.max_score)}` : number(item.score);
  }

  moment(iso) {
    const options = { month: 'long', day: 'numeric', weekday: 'short', hour: '2-digit', minute: '2-digit', hour12: false };
    return new Intl.DateTimeFormat(this.locale, { ...options, timeZone: 'Asia/Seoul' }).format(new Date(iso));
  }

  // "3시간 20분 남음", "18분 지남". Two units are enough to act on.
  left(iso, now) {
    const minutes = Math.trunc((new Date(iso) - now) / 60000);
    const parts = [[1440, '일', 'd'], [60, '시간', 'h'], [1, '분', 'min']];
    let rest = Math.abs(minutes);
    const shown = [];
    for (const [size, ko, en] of parts) {
      const count = Math.trunc(rest / size);
      rest -= count * size;
      if (count) shown.push(this.index === 0 ? `${count}${ko}` : `${count} ${en}`);
    }
    const span = shown.slice(0, 2).join(' ') || (this.index === 0 ? '1분 미만' : 'under 1 min');
    if (minutes < 0) return this.index === 0 ? `${span} 지남` : `${span} ago`;
    return this.index === 0 ? `${span} 남음` : `${span} left`;
  }
}
