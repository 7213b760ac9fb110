// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System;

public class Sample
{
    public string Text(int number)
    {
        if (number > 1)
        {
            return number.ToString();
        }

        foreach (var c in "abc")
        {
            number += c;
        }

        return "" + number;
    }
}
