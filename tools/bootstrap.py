# @title Set up this lesson
import pathlib, subprocess, sys  # noqa: E401, I001

REPOSITORY, TAG = "OWNER/REPO", "v0.1.0"
got, said, why = f"course-{TAG}", "", "open this notebook inside the whole course, or try its page on Colab again"
sys.path[:0] = home = [str(f) for f in pathlib.Path(got, "x").absolute().parents if (f / "helpers/runtime.py").exists()]
if not home and "google.colab" in sys.modules and not REPOSITORY.startswith("OWNER/"):  # the lesson came alone: fetch
    git = f"git -c core.askPass=true clone -q --depth=1 -b {TAG} https://github.com/{REPOSITORY} {got}.part"
    failed, said = subprocess.getstatusoutput(f"rm -rf {got}.part && {git} && mv -T {got}.part {got}")
    sys.path[:0] = home = [] if failed else [str(pathlib.Path(got).absolute())]
if not home:
    raise type("CourseNotFound", (Exception,), {"_render_traceback_": lambda e: [str(e)]})(f"No course: {why}. {said}")
from helpers import runtime

report = runtime.start(lesson="00")
