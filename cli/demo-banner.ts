/** What the demo prints when it runs, in both languages. */
export function banner(facts: {
  url: string;
  firstLogin: { account: string; password: string } | null;
  people: readonly { account: string; password: string }[];
  data: string;
  township: boolean;
}): string[] {
  const { url, firstLogin, people, data, township } = facts;
  const lines = ['', `  Sharp Eyes   ${url}`, ''];
  if (firstLogin !== null) {
    lines.push(
      '  First login (shown once) · 首次登录（仅显示一次）',
      `    ${firstLogin.account.padEnd(12)} ${firstLogin.password}`,
      '',
    );
  } else {
    lines.push(
      '  The administrator was created at an earlier start; a lost password: sharp-eyes hub reset-password admin',
      '',
    );
  }
  const shown = people.filter(({ account }) => account !== 'demo-script');
  if (shown.length > 0) {
    lines.push(
      '  People of the demo · 演示账号',
      ...shown.map(({ account, password }) => `    ${account.padEnd(12)} ${password}`),
      '',
    );
  }
  lines.push(`  Data   ${data}`);
  if (township) lines.push('  Demo data: a virtual township on loopback addresses. 演示数据，虚拟乡镇。');
  return [...lines, ''];
}
