import { CONTAINER, type Problem, type ProblemCode, type SignerVerdict, type Verdict } from './verdict.ts';

/** Languages of the verifier. */
export const LANGUAGES = ['zh', 'en'] as const;
/** One of {@link LANGUAGES}. */
export type Language = (typeof LANGUAGES)[number];

const STATE: Record<Language, Record<Verdict['state'], string>> = {
  en: {
    intact: 'INTACT: no byte was changed since the package was sealed.',
    tampered: 'NOT INTACT: the package was changed after it was sealed.',
    malformed: 'NOT INTACT: this is not an evidence package, or its beginning was changed.',
  },
  zh: {
    intact: '完整：自密封以来没有任何一个字节被改动。',
    tampered: '不完整：本证据包在密封之后被改动过。',
    malformed: '不完整：这不是证据包，或其开头已被改动。',
  },
};

const SIGNER: Record<Language, Record<SignerVerdict, string>> = {
  en: {
    unchecked: 'Signer not checked: compare the fingerprint below with the issuing centre, or give it with --trust.',
    trusted: 'Signed by the trusted key.',
    other: 'NOT the trusted signer: the package was sealed with another key than the one you trust.',
  },
  zh: {
    unchecked: '未核对签名者：请向导出单位核对下列指纹，或用 --trust 给出可信指纹。',
    trusted: '签名者就是您信任的密钥。',
    other: '签名者不是您信任的密钥：本证据包由另一把密钥密封。',
  },
};

const PROBLEM: Record<Language, Record<ProblemCode, string>> = {
  en: {
    'not-a-package': 'the beginning is not that of an evidence package',
    'header-changed': 'the ZIP header in front of it was changed',
    'content-changed': 'its content was changed',
    'signature-wrong': 'it does not match its signature: the manifest or the signature was replaced',
    'signature-unreadable': 'it is not a signature file of this format',
    'manifest-unreadable': 'signed, but not of the documented shape; perhaps made by a newer version',
    'cut-off': 'the package ends inside it',
    'directory-changed': 'the ZIP directory at the end was changed',
    'size-differs': 'bytes were inserted, appended or taken away',
  },
  zh: {
    'not-a-package': '开头不是证据包的格式',
    'header-changed': '其 ZIP 文件头被改动',
    'content-changed': '内容被改动',
    'signature-wrong': '与签名不符：清单或签名被替换',
    'signature-unreadable': '不是本格式的签名文件',
    'manifest-unreadable': '签名有效，但格式不符；可能由更新的版本生成',
    'cut-off': '证据包在此处中断',
    'directory-changed': '末尾的 ZIP 目录被改动',
    'size-differs': '有字节被插入、追加或删除',
  },
};

/** The verdict in one sentence. */
export function stateSentence(verdict: Verdict, language: Language): string {
  return STATE[language][verdict.state];
}

/** What is known about the signer; empty when there is nothing to say because the package is not intact. */
export function signerSentence(verdict: Verdict, language: Language): string {
  return verdict.fingerprint === null || verdict.manifest === null ? '' : SIGNER[language][verdict.signer];
}

/** A problem in one line: file, what is wrong, and the seconds of footage. */
export function problemSentence(problem: Problem, language: Language): string {
  const file = problem.file === CONTAINER ? { en: 'container', zh: '容器' }[language] : problem.file;
  const seconds = problem.footage.map((stretch) => `${filmTime(stretch.filmFromMs)}–${filmTime(stretch.filmToMs)}`);
  const where =
    seconds.length === 0 ? '' : { en: ` at ${seconds.join(', ')}`, zh: `，位置 ${seconds.join('、')}` }[language];
  return language === 'zh'
    ? `${file}：${PROBLEM.zh[problem.code]}${where}`
    : `${file}: ${PROBLEM.en[problem.code]}${where}`;
}

/** Position in a film as `hh:mm:ss`. */
function filmTime(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}
