"""An RTSP server for tests: numbered frames as H.264, served by GStreamer on 127.0.0.1.

usage: gst-rtsp-server.py PORT FRAMES FPS WIDTH HEIGHT BFRAMES [USER PASSWORD]   (FRAMES 0: endless)

Each frame carries its number, counted from 0, as 16 squares of 16 pixels along its upper edge: white is 1, the lowest
bit is on the left. Prints `listening PORT` once it serves `/cam`. With ONCE=1 in the environment the source is gone (404)
after its last frame, instead of beginning anew for the next client.
"""

import os
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

SQUARE = 16
AUTH_DIGEST = 2

port, frames, fps, width, height, bframes = (int(text) for text in sys.argv[1:7])
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


factory = GstRtspServer.RTSPMediaFactory()
factory.set_launch(
    f"( appsrc name=numbered format=time max-buffers=4 block=false"
    f" caps=video/x-raw,format=I420,width={width},height={height},framerate={fps}/1"
    f" ! x264enc speed-preset=ultrafast bframes={bframes} b-adapt=false key-int-max={fps * 2} bitrate=600"
    " ! rtph264pay name=pay0 pt=96 config-interval=-1 )"
)
factory.set_shared(True)
sources = []


def configure(_factory, media):
    source = NumberedFrames(media.get_element().get_by_name("numbered"))
    sources.append(source)
    if os.environ.get("ONCE") == "1":
        media.connect("unprepared", lambda _media: forget(source))


def forget(source):
    if source.number >= frames:
        server.get_mount_points().remove_factory("/cam")


factory.connect("media-configure", configure)

server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service(str(port))
if len(sys.argv) > 8:
    user, password = sys.argv[7:9]
    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods(AUTH_DIGEST)
    token = GstRtspServer.RTSPToken()
    token.set_string(GstRtspServer.RTSP_TOKEN_MEDIA_FACTORY_ROLE, user)
    auth.add_digest(user, password, token)
    server.set_auth(auth)
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_permission_for_role(user, GstRtspServer.RTSP_PERM_MEDIA_FACTORY_ACCESS, True)
    permissions.add_permission_for_role(user, GstRtspServer.RTSP_PERM_MEDIA_FACTORY_CONSTRUCT, True)
    factory.set_permissions(permissions)

server.get_mount_points().add_factory("/cam", factory)
server.attach(None)
print(f"listening {server.get_bound_port()}", flush=True)
GLib.MainLoop().run()
