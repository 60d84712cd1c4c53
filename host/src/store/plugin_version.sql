-- Which versions of its provider's plugin an account follows; the newest where it is none.
ALTER TABLE accounts ADD COLUMN plugin_version TEXT;
