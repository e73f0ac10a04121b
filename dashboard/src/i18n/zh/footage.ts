export const footage = {};
