import { messageOf } from '../contract/errors.ts';
import { nodeDigests } from '../evidence/digest-node.ts';
import { openFileSource } from '../evidence/package/file-source-node.ts';
import { parseFingerprint } from '../evidence/package/fingerprint.ts';
import type { Manifest } from '../evidence/package/manifest.ts';
import { type Language, problemSentence, signerSentence, stateSentence } from '../evidence/package/sentences.ts';
import type { Verdict } from '../evidence/package/verdict.ts';
import { verifyPackage } from '../evidence/package/verify.ts';

/** Exit codes of `sharp-eyes verify`. */
export const VERIFY_EXIT = { intact: 0, notIntact: 1, usage: 2, otherSigner: 3 } as const;

/** What `sharp-eyes verify FILE` was asked. */
export interface VerifyArguments {
  file: string;
  /** Fingerprint of the key that should have signed. */
  trust?: string;
  /** The verdict as JSON on standard output. */
  json?: boolean;
  language?: Language;
}

/** Where a command writes, one line at a time. */
export interface CommandOutput {
  out(line: string): void;
  err(line: string): void;
}

/**
 * `sharp-eyes verify`: checks a sealed package without a network. Exit code 0 intact, 1 changed or not a package,
 * 2 wrong usage (also a file that cannot be read), 3 intact but signed by another key than the trusted one.
 */
export async function runVerify(asked: VerifyArguments, io: CommandOutput): Promise<number> {
  const language = asked.language ?? 'en';
  if (asked.trust !== undefined && parseFingerprint(asked.trust) === null) {
    io.err(
      { en: '--trust needs a fingerprint of 64 hexadecimal digits.', zh: '--trust 需要 64 位十六进制指纹。' }[language],
    );
    return VERIFY_EXIT.usage;
  }
  let verdict: Verdict;
  try {
    const source = await openFileSource(asked.file);
    try {
      verdict = await verifyPackage(nodeDigests, source, asked.trust === undefined ? {} : { trust: asked.trust });
    } finally {
      await source.close();
    }
  } catch (error) {
    io.err({ en: `Cannot read the file: ${messageOf(error)}`, zh: `无法读取文件：${messageOf(error)}` }[language]);
    return VERIFY_EXIT.usage;
  }
  if (asked.json === true) io.out(JSON.stringify(verdict, null, 2));
  else for (const line of report(verdict, language)) io.out(printable(line));
  if (verdict.state !== 'intact') return VERIFY_EXIT.notIntact;
  return verdict.signer === 'other' ? VERIFY_EXIT.otherSigner : VERIFY_EXIT.intact;
}

/** Control characters out of a package must not reach the terminal. */
function printable(line: string): string {
  return line.replace(/\p{C}/gu, '\ufffd');
}

function report(verdict: Verdict, language: Language): string[] {
  const lines = [stateSentence(verdict, language), ...verdict.problems.map((p) => `  ${problemSentence(p, language)}`)];
  const signer = signerSentence(verdict, language);
  if (signer !== '') lines.push(signer);
  if (verdict.fingerprint !== null)
    lines.push(`  ${{ en: 'fingerprint', zh: '指纹' }[language]} ${verdict.fingerprint}`);
  if (verdict.manifest !== null) lines.push(...contents(verdict.manifest, language), ...chainLines(verdict, language));
  return lines;
}

function contents(manifest: Manifest, language: Language): string[] {
  const time = new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-GB', {
    dateStyle: 'medium',
    timeStyle: 'long',
  });
  const say = (en: string, zh: string): string => (language === 'zh' ? zh : en);
  const { order } = manifest;
  const lines = [
    `${say('package', '证据包')} ${manifest.packageId}, ${say('sealed', '密封于')} ${time.format(manifest.sealedAtMs)}`,
    `${say('case', '案件')} ${order.caseNumber}, ${say('requested by', '申请人')} ${order.requestedBy}: ${order.purpose}`,
  ];
  for (const camera of manifest.cameras) {
    const { actual } = camera;
    const range =
      actual === null ? say('nothing recorded', '无录像') : time.formatRange(actual.edgeFromMs, actual.edgeToMs);
    const gaps = camera.gaps.length === 0 ? '' : `, ${camera.gaps.length} ${say('gap(s)', '处中断')}`;
    const offset = camera.clock.edgeMinusHubMs;
    const clock = offset === null ? '' : `, ${say('clock difference', '时钟偏差')} ${Math.round(offset)} ms`;
    lines.push(`  ${camera.name} (${camera.deviceId}): ${range}${gaps}${clock}`);
  }
  return lines;
}

function chainLines(verdict: Verdict, language: Language): string[] {
  return verdict.chains.map(({ deviceId, segments, proven, fault }) => {
    const count =
      language === 'zh'
        ? `  录像链 ${deviceId}：${segments} 段中 ${proven} 段与录制时逐位一致`
        : `  recording chain ${deviceId}: ${proven} of ${segments} segments proven bit for bit as recorded`;
    if (fault === null) return count;
    return language === 'zh'
      ? `${count}；链在第 ${fault.sequence} 段中断（${fault.fault}）`
      : `${count}; the chain breaks at segment ${fault.sequence} (${fault.fault})`;
  });
}
