"""An RTSP server for tests, by GStreamer on 127.0.0.1. Its only argument is a JSON object:

  port        0 for a free one
  tracks      tracks to serve, as `rtp...pay` chains behind the demultiplexer of `file`: {"video": "rtph264pay pt=96", ...}
  file        QuickTime file whose tracks are served as they are; without it numbered frames are made and coded
  frames, fps, width, height, bframes, codec
              of the numbered frames: 0 frames never end; `codec` is h264, h265 or jpeg
  protocols   "tcp", "udp" or absent for all
  auth        {"kind": "digest" or "basic", "user", "password"}
  tls         {"cert": file, "key": file}: serves rtsps
  loudspeaker {"codec": "PCMU" or "PCMA", "file"}: takes sound from clients (ONVIF back channel) into a file
  once        the source is gone (404) after its last frame, instead of beginning anew for the next client

A numbered frame carries its number, counted from 0, as 16 squares of 16 pixels along its upper edge: white is 1, the
lowest bit is on the left. Prints `listening PORT` once it serves `/cam`.
"""

import json
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gio, GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

SQUARE = 16
AUTH_METHODS = {"basic": GstRtsp.RTSPAuthMethod.BASIC, "digest": GstRtsp.RTSPAuthMethod.DIGEST}

options = json.loads(sys.argv[1])
file = options.get("file")
frames, fps = options.get("frames", 0), options.get("fps", 25)
width, height = options.get("width", 320), options.get("height", 240)
Gst.init(None)


class NumberedFrames:
    """Feeds an appsrc with one frame whenever it asks."""

    def __init__(self, source):
        self.number = 0
        self.picture = bytearray([60] * (width * height) + [128] * (width * height // 2))
        source.connect("need-data", self.push)

    def push(self, source, _length):
        if frames and self.number >= frames:
            source.emit("end-of-stream")
            return
        line = b"".join((b"\xeb" if self.number >> bit & 1 else b"\x10") * SQUARE for bit in range(16))
        for y in range(SQUARE):
            self.picture[y * width : y * width + len(line)] = line
        buffer = Gst.Buffer.new_wrapped(bytes(self.picture))
        buffer.pts = self.number * Gst.SECOND // fps
        buffer.duration = Gst.SECOND // fps
        self.number += 1
        source.emit("push-buffer", buffer)


def coder():
    gop = fps * 2
    chains = {
        "h264": f"x264enc speed-preset=ultrafast bframes={options.get('bframes', 0)} b-adapt=false key-int-max={gop}"
        " bitrate=600 ! rtph264pay name=pay0 pt=96 config-interval=-1",
        "h265": f"x265enc speed-preset=ultrafast key-int-max={gop} bitrate=600 log-level=none"
        " ! rtph265pay name=pay0 pt=96 config-interval=-1",
        "jpeg": "jpegenc ! rtpjpegpay name=pay0 pt=26",
    }
    return chains[options.get("codec", "h264")]


def launch():
    if file is None:
        return (
            "( appsrc name=numbered format=time max-buffers=4 block=false"
            f" caps=video/x-raw,format=I420,width={width},height={height},framerate={fps}/1 ! {coder()} )"
        )
    tracks = options["tracks"]
    branches = [f"demux.{kind}_0 ! queue ! {chain} name=pay{i}" for i, (kind, chain) in enumerate(tracks.items())]
    return f"( filesrc location={file} ! qtdemux name=demux {' '.join(branches)} )"


loudspeaker = options.get("loudspeaker")
factory = GstRtspServer.RTSPMediaFactory() if loudspeaker is None else GstRtspServer.RTSPOnvifMediaFactory()
if loudspeaker is not None:
    factory.set_media_gtype(GstRtspServer.RTSPOnvifMedia)
    codec, into = loudspeaker["codec"], loudspeaker["file"]
    payload = 0 if codec == "PCMU" else 8
    factory.set_backchannel_launch(
        f'( capsfilter caps="application/x-rtp, media=audio, payload={payload}, clock-rate=8000, encoding-name={codec}"'
        f" name=depay_backchannel ! rtp{codec.lower()}depay ! filesink location={into} buffer-mode=unbuffered"
        " async=false sync=false )"
    )
factory.set_launch(launch())
factory.set_shared(file is None)
if "protocols" in options:
    factory.set_protocols(GstRtsp.RTSPLowerTrans.TCP if options["protocols"] == "tcp" else GstRtsp.RTSPLowerTrans.UDP)
sources = []


def configure(_factory, media):
    if file is not None:
        return
    source = NumberedFrames(media.get_element().get_by_name("numbered"))
    sources.append(source)
    if options.get("once"):
        media.connect("unprepared", lambda _media: forget(source))


def forget(source):
    if source.number >= frames:
        server.get_mount_points().remove_factory("/cam")


factory.connect("media-configure", configure)

server = GstRtspServer.RTSPServer() if loudspeaker is None else GstRtspServer.RTSPOnvifServer()
server.set_address("127.0.0.1")
server.set_service(str(options.get("port", 0)))
if "auth" in options or "tls" in options:
    auth = GstRtspServer.RTSPAuth()
    login = options.get("auth")
    role = login["user"] if login else "anonymous"
    token = GstRtspServer.RTSPToken()
    token.set_string(GstRtspServer.RTSP_TOKEN_MEDIA_FACTORY_ROLE, role)
    if login is None:
        auth.set_default_token(token)
    elif login["kind"] == "digest":
        auth.set_supported_methods(AUTH_METHODS["digest"])
        auth.add_digest(login["user"], login["password"], token)
    else:
        auth.set_supported_methods(AUTH_METHODS["basic"])
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(login["user"], login["password"]), token)
    if "tls" in options:
        auth.set_tls_certificate(Gio.TlsCertificate.new_from_files(options["tls"]["cert"], options["tls"]["key"]))
    server.set_auth(auth)
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_permission_for_role(role, GstRtspServer.RTSP_PERM_MEDIA_FACTORY_ACCESS, True)
    permissions.add_permission_for_role(role, GstRtspServer.RTSP_PERM_MEDIA_FACTORY_CONSTRUCT, True)
    factory.set_permissions(permissions)

server.get_mount_points().add_factory("/cam", factory)
server.attach(None)
print(f"listening {server.get_bound_port()}", flush=True)
GLib.MainLoop().run()
