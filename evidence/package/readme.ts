/** Name of the explanation in every package. */
export const README_NAME = 'README.txt';

/** Text of `README.txt`: what the package is and how to check it, for somebody who has never seen one. */
export function readmeText(packageId: string, fingerprint: string): string {
  return `证据包 ${packageId}

本压缩包由“锐眼”指挥中心导出并签名密封。
  originals/     各摄像机的原始录像，未经重新编码，可直接播放。
  manifest.json  清单：案件编号、用途、申请人、起止时间、时钟偏差、录像中断及原因、各文件的 SHA-256。
  manifest.sig   对清单的 Ed25519 签名及公钥。

请勿修改、重命名或重新压缩本文件。查看时请复制一份，原件保持不动。

校验（无需联网）：
  sharp-eyes verify 文件名.zip --trust "签名密钥指纹"
请向导出单位当面或电话核对签名密钥指纹，不要只相信本包内的文字：
  ${fingerprint}
任何一个字节被改动，校验都会失败，并指出是哪个文件、哪一段时间。

不用本软件也可核对：用 sha256sum（Windows：certutil -hashfile 文件 SHA256）计算各文件的摘要，
与 manifest.json 中的 sha256 比较；再用 OpenSSL 以 manifest.sig 中的公钥验证 manifest.json 的 Ed25519 签名。

----------------------------------------------------------------------

Evidence package ${packageId}

Exported and sealed with a signature by a Sharp Eyes command centre.
  originals/     each camera's recording as it came, not encoded again; plays as it is.
  manifest.json  what is in here: case number, purpose, requester, times, clock differences, gaps and their
                 causes, SHA-256 of every file.
  manifest.sig   Ed25519 signature over the manifest, and the public key.

Do not change, rename or repack it. Work on a copy and keep this file as it is.

To check it (no network needed):
  sharp-eyes verify FILE.zip --trust "FINGERPRINT"
Ask the issuing centre for the fingerprint of its key in person or by telephone; do not rely on this text alone:
  ${fingerprint}
One changed byte anywhere makes the check fail and name the file and the stretch of time.

Without this software: compute each file's digest with sha256sum (Windows: certutil -hashfile FILE SHA256), compare it
with sha256 in manifest.json, and check the Ed25519 signature over manifest.json with OpenSSL and the public key in
manifest.sig.
`;
}
