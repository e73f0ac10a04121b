import type { common as en } from '../en/common.ts';
import type { Shape } from '../shape.ts';

export const common: Shape<typeof en> = {
  product: '雪亮指挥',
  loading: '加载中',
  retry: '重试',
  cancel: '取消',
  save: '保存',
  close: '关闭',
  back: '返回',
  copy: '复制',
  copied: '已复制',
  optional: '选填',
  none: '无',
  unknown: '未知',
  name: '名称',
  noRegion: '未划区域',
  numberOf: '{{number}} 号',
  since: '自 {{time}}',
  duration: { days: '{{n}} 天', hours: '{{n}} 小时', minutes: '{{n}} 分', seconds: '{{n}} 秒' },
};
