-- Anyone may use what the extension offers: it is functions of their arguments.

GRANT USAGE ON SCHEMA loyalty TO PUBLIC;
