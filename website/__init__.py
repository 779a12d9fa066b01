"""The site: pages made from questions/, answers/, docs/ and notebooks/, with no copy of them in the repository.

``python -m website`` (or ``make site``) writes Markdown to out/site-source and lets Sphinx make out/site of it.

    __main__   the command
    sources    all pages, and what lies beside them
    repository where each file has its page, and what the path says of each task
    libraries  what npm brings for the browser
    markdown   text of the repository made text of a page: links, hints
    pages/     one file a kind of page: home and path, tasks, side by side, lockstep, mistakes, reading
    templates/ their Markdown and HTML (Jinja)
    align/     two answers laid beside each other by their structure
    sphinx/    conf.py, and formulas by KaTeX
    static/    the site's own CSS and JavaScript
    explorers/ one Markdown file an explorer, where there are some: it becomes a page of its own

Libraries for the browser are in package.json and its lock file; the pages load nothing from other hosts.
May use ``harness``; nothing uses the site.
"""
