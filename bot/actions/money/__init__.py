"""What people do with money: file grants, make and approve lists, take what the bank answered,
write forms.
"""
