"""# A chapter"""

# The first note has two sentences. It is about `x`.
x = 1

#
y = f"{x} < {2}"


class Chapter:
    r"""
    ## Turning pages

    $$\begin{aligned}
    a &= b \\
    - c &= d
    \end{aligned}$$
    """

    def turn(self, pages: int) -> None:
        """
        * `pages` is how many
        """
        # <b>Bold</b> and <unknown>.
        for _ in range(pages):

            print("""a
# no prose
b""")

    def undocumented(self):
        return self


z = 3
