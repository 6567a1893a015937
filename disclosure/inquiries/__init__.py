"""Pages of inquiries (质询、随手拍、报修、查阅复制): for everybody, for residents, and the desk."""
