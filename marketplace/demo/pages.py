"""The pages of the demo: the site's fixed ones, and a profile for each cooperative."""

from cms.services import create_profile, ensure_site
from marketplace.demo import source
from marketplace.demo.world import World


def load_pages(world: World) -> None:
    """Make the home page, the text pages, and the cooperatives' profiles with their story."""
    ensure_site()
    for row in source.cooperatives():
        page = create_profile(cooperative=world.cooperatives[row.key], tagline=row.tagline)
        page.body = [("text", f"<p>{row.story}</p><p>Dữ liệu mẫu: hợp tác xã này không có thật.</p>")]
        page.save()
