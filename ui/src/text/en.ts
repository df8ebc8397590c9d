/**
 * English. Every word a person reads on a screen stands here, by screen; values that vary are arguments. What the
 * core says (refusals, rule sentences, notes) arrives as text and is not repeated.
 */

const s = (count: number, one: string, many = `${one}s`) => `${count.toLocaleString()} ${count === 1 ? one : many}`;

export const en = {
  app: {
    name: 'Signalbox',
    skip: 'Skip to the screen',
    starting: 'Opening the desk…',
    navigation: 'Main',
    products: 'Products',
    title: (screen: string) => `${screen} – Signalbox`,
  },
  screens: {
    inbox: 'Inbox',
    line: 'Line',
    releases: 'Releases',
    features: 'Features',
    issues: 'Issue log',
    strategy: 'Strategy',
    ledger: 'Ledger',
    settings: 'Settings',
  },
  act: {
    close: 'Close',
    cancel: 'Cancel',
    retry: 'Try again',
    dismiss: 'Dismiss',
    undo: 'Undo',
    save: 'Save',
    back: 'Back',
    next: 'Next',
    open: 'Open',
    find: 'Find anything…',
    more: 'Show more',
  },
  state: {
    recording: 'Recording…',
    loading: 'Reading…',
    nothing: 'nothing',
    becomes: 'becomes',
    unknown: 'unknown',
    none: 'none',
    yes: 'yes',
    no: 'no',
  },
  time: {
    now: 'just now',
    ago: (span: string) => `${span} ago`,
    ahead: (span: string) => `in ${span}`,
    seconds: (n: number) => `${n} s`,
    minutes: (n: number) => `${n} min`,
    hours: (n: number) => `${n} h`,
    days: (n: number) => s(n, 'day'),
  },
  error: {
    shell: 'The app could not carry this out.',
    copy: 'Copy details',
    copied: 'Copied',
    next: {
      refused: 'Nothing was changed.',
      changed: 'Nothing was changed. Look at the present state and decide again.',
      failed: 'Nothing was recorded. Try again; if it stays like this, pass the details on.',
      fatal: 'The desk stays closed until this is resolved. Your ledger file was not touched.',
    },
    screen: 'This screen could not be drawn.',
  },
  keys: {
    lists: 'Lists',
    go: 'Go to',
    everywhere: 'Everywhere',
    nextRow: 'Next row',
    previousRow: 'Previous row',
    openRow: 'Open the row',
    palette: 'Find anything or do anything',
    help: 'Show all shortcuts',
    helpTitle: 'Keyboard shortcuts',
    helpIntro: 'What can be done here and now. Single keys can be switched off in Settings, Appearance.',
    noKeys: 'without a key',
  },
  palette: {
    label: 'Find anything or do anything',
    placeholder: 'Type an act, a build, a feature, a release…',
    acts: 'Acts',
    found: 'Found',
    nothing: 'Nothing matches. Try a build label, a feature key or a screen name.',
    results: (n: number) => (n === 1 ? '1 match' : `${n} matches`),
  },
  log: {
    waiting: 'Waiting for the first line…',
    empty: 'The run wrote nothing.',
    follow: 'Follow the end',
  },
  track: {
    clear: 'clear',
    waiting: 'waiting',
    waitingMore: (n: number) => `${n} waiting`,
  },
};
