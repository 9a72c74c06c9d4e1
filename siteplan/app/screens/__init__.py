"""Screens: each draws the state and sends events; no logic lives here.

The folder is not called ``pages``: Streamlit takes such a folder for an app of its own, and an
address of one page then opens without the navigation, the banner and the language switch.
"""
