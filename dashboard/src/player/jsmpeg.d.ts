declare module '@cycjimmy/jsmpeg-player' {
  interface Destination {
    resize(width: number, height: number): void;
    render(y: Uint8ClampedArray, cr: Uint8ClampedArray, cb: Uint8ClampedArray): void;
  }
  export interface VideoDecoder {
    readonly bits: { readonly index: number; has(bits: number): boolean };
    connect(destination: Destination): void;
    /** Decodes the next picture when the next start code is a picture's; goes past any other one. */
    decode(): boolean;
  }
  export interface Demuxer {
    connect(streamId: number, decoder: VideoDecoder): void;
    write(bytes: Uint8Array): void;
  }
  const JSMpeg: {
    Demuxer: { TS: new (options: Record<string, never>) => Demuxer };
    Decoder: {
      MPEG1Video: new (options: { streaming: boolean; decodeFirstFrame: boolean }) => VideoDecoder;
    };
    Renderer: { Canvas2D: new (options: { canvas: HTMLCanvasElement }) => Destination };
  };
  export default JSMpeg;
}
